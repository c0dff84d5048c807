"""A network in which something is erased, and eyes that look for what must not be there any more."""

from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from hub import tables
from hub.author import Author
from hub.bus_erasing import CURSOR
from hub.erased_list import ERASED_FILE, ErasedList
from hub.schema import MIGRATIONS
from hub.writer import Writer
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.migrated import migrated_engine
from tests.signed_network import HUB_KEY, TRUST, Organization, need
from wire.seal import Sealed

SECRET = "Zauberlehrling"
NAME = "ke-nctc"
ADDRESS = f"need/{NAME}/n1"


def secret_need(**changes: Any) -> dict[str, Any]:
    """A need that somebody will want to have erased."""
    return need(f"Call {SECRET}", description={"en": f"{SECRET} lives there."}, **changes)


def say(network: Published, id: str = "n1", *, record: dict[str, Any] | None = None, **how: Any) -> Sealed:  # noqa: A002
    """Publish something that will be erased; gives it sealed."""
    sealed = network.admit(NAME).say(record or secret_need(), id=id, **how)
    assert network.deliver(sealed) >= 0
    return sealed


def order(network: Published, *sealed: Sealed, record: str = ADDRESS, author: Organization | None = None) -> int:
    """Have statements erased; gives the index of the order."""
    said = (author or network.admit(NAME)).order(record, [each.hash for each in sealed])
    return network.deliver(said)


def carried_out(network: Published) -> bool:
    """Whether orders were carried out on the bus."""
    cursors = tables.cursors.c
    with network.engine.begin() as connection:
        return bool(connection.scalar(select(cursors.position).where(cursors.name == CURSOR)))


def client(network: Published) -> TestClient:
    """The hub's API as anybody sees it."""
    return TestClient(api_of(network))


class HubFolder:
    """A hub's state directory: its database in a file, and DIR/erased beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "hub.sqlite"
        self.engine = self._open()
        self.network = Published(self.engine)
        self.start()

    def _open(self) -> Engine:
        return migrated_engine(self.database, MIGRATIONS)

    def start(self) -> None:
        """Start a hub on what lies there."""
        self.engine = self.network.engine = self._open()
        erased = ErasedList(self.folder / ERASED_FILE)
        self.network.writer = Writer(self.engine, TRUST, Author(HUB_KEY), erased)
        self.network.tail.size = self.network.writer.state.size

    def backup(self) -> bytes:
        """Copy the database, as it is with everything in one file."""
        self.engine.dispose()
        with self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self.engine.dispose()
        return self.database.read_bytes()

    def restore(self, backup: bytes) -> None:
        """Put an older database in the place of this one, and start."""
        self.engine.dispose()
        for file in self.folder.glob("hub.sqlite*"):
            file.unlink()
        self.database.write_bytes(backup)
        self.start()

    def files_with(self, word: str) -> list[str]:
        """Names of the files that hold a word, in any case."""
        wanted = word.lower().encode()
        return [file.name for file in sorted(self.folder.iterdir()) if wanted in file.read_bytes().lower()]


def answers(network: Published) -> bytes:
    """All that the API says about the record, the view, and the log, to whoever may read most."""
    reader = client(network)
    found = b""
    for path in (
        "/api/v1/records", "/api/v1/records?status=erased&status=current&status=withdrawn", "/api/v1/records.jsonl",
        f"/api/v1/records/{ADDRESS}", f"/api/v1/records/{ADDRESS}/history", "/api/v1/matrix?rows=place&columns=theme",
        "/api/v1/stats", "/api/v1/erasures", "/log/tile/entries/000",
    ):  # fmt: skip
        found += reader.get(path).content
    return found
