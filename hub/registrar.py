"""Registry commands: they sign with the root keys, and reach the one writer whether the hub is running or not."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Engine, delete, insert, select, update

from hub import tables
from hub.author import author_in
from hub.erased_list import ERASED_FILE, ErasedList
from hub.history import load_state
from hub.keyring import Keyring, load_roots
from hub.last_checkpoint import last_checkpoint_of
from hub.reads import keys_in, read_message
from hub.rolled_back import stop_if_rolled_back
from hub.writer import Committed, Writer
from schemas.problems import problems_from
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire import lock
from wire.actions import Action, BadAction, sign_action
from wire.encoding import b64url
from wire.examine import Message
from wire.keys import BadKey, SigningKey
from wire.reasons import Reason
from wire.registry import REGISTRY, Registry
from wire.system_errors import about
from wire.trust import Trust

LOCK_FILE = "hub.lock"
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 60.0
_OVERTAKEN: Final = N_(
    "refused again: it does not follow what is logged of its author by now, who may have signed anew what was refused"
)


class HubBusy(Exception):
    """Another process holds the hub's state directory."""


@contextmanager
def sole_owner(directory: Path) -> Iterator[None]:
    """Hold the state directory: only one process at a time may write to the log."""
    descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not lock.take(descriptor):
            raise HubBusy(f"a hub is running on {directory}; stop it first (Ctrl-C, or its service)")
        yield
    finally:
        os.close(descriptor)


def is_served(directory: Path) -> bool:
    """Whether a process holds the state directory now."""
    return lock.is_held(directory / LOCK_FILE)


def note_address(directory: Path, host: str, port: int) -> None:
    """Write into the lock, which the caller holds, where its pages are served."""
    with about(directory / LOCK_FILE):  # writing names no file: on a full disk nobody would know which
        (directory / LOCK_FILE).write_text(json.dumps({"host": host, "port": port}) + "\n", encoding="utf-8")


def served_at(directory: Path) -> tuple[str, int] | None:
    """Give where the pages are, or were, served; None if nobody has said it."""
    try:
        document: Any = json.loads((directory / LOCK_FILE).read_bytes())
        return str(document["host"]), int(document["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def act(directory: Path, engine: Engine, keyring: Keyring, make: Callable[[str, str], Action]) -> int:
    """Sign the action that `make(sequence, previous)` gives, and have it logged; gives its index, or BadAction."""
    place, registry = next_place(engine, keyring)
    try:
        action = make(place["sequence"], place["previous"])
    except ValidationError as error:
        raise BadAction(" ".join(problem.message for problem in problems_from(error))) from None
    roots = load_roots(directory)
    here = _roots_here(roots, registry)
    if here < registry.roots.threshold:
        raise BadAction(
            sentence(
                "roots of the network in {directory}: {here}; needed: {threshold}. Let them sign where they are: "
                "liaison-hub action propose, sign, submit",
                here=here,
                directory=directory / "root",
                threshold=registry.roots.threshold,
            )
        )
    return int(submit(directory, engine, keyring, "action", sign_action(action, roots)))


def enough_roots(directory: Path, registry: Registry) -> bool:
    """Whether enough root keys lie in the directory to decide here."""
    try:
        return _roots_here(load_roots(directory), registry) >= registry.roots.threshold
    except (OSError, BadKey):
        return False


def _roots_here(roots: list[SigningKey], registry: Registry) -> int:
    return len({root.public.thumbprint for root in roots} & set(registry.roots.by_thumbprint))


def next_place(engine: Engine, keyring: Keyring) -> tuple[dict[str, str], Registry]:
    """Give the members that bind an action to the next place in the registry's chain, and the registry as it stands."""
    with engine.begin() as connection:
        state = load_state(connection, keyring.trust)
    place = state.next_place(REGISTRY)
    members = {"network": place.network, "sequence": f"{place.sequence:012d}", "previous": b64url(place.previous)}
    return members, state.registry


def submit(directory: Path, engine: Engine, keyring: Keyring, what: str, body: bytes) -> str:
    """Hand something to the one writer: to the running hub, or else to one of our own. Gives its answer.

    RolledBack if the hub was restored and may have signed more than is here.
    """
    try:
        with sole_owner(directory):
            erased = ErasedList(directory / ERASED_FILE)
            writer = Writer(engine, keyring.trust, author_in(directory, keyring), erased)
            stop_if_rolled_back(directory, engine, last_checkpoint_of(directory, keyring.trust, writer.state.registry))
            answer = perform(writer, engine, keyring.trust, what, body)[0]
            writer.tidy()
            return answer
    except HubBusy:
        return _ask_running_hub(engine, what, body)


LARGEST: Final = 2**63 - 1  # that a database holds; whoever asks for more is told that it is not there


def perform(writer: Writer, engine: Engine, trust: Trust, what: str, body: bytes) -> tuple[str, Committed]:
    """Do one submission; BadAction if it must not be done."""
    if what == "action":
        committed = writer.register(body)
        return str(committed.outcome.entries[0].index), committed
    return _retry(writer, engine, trust, min(int(body), LARGEST))


def perform_waiting(writer: Writer, engine: Engine, trust: Trust) -> list[Committed]:
    """Do what commands have submitted since the last call: the running hub's part."""
    table = tables.submissions
    with engine.connect() as connection:
        waiting = connection.execute(
            select(table.c.number, table.c.what, table.c.body).where(table.c.done.is_(False)).order_by(table.c.number)
        ).all()
    done = []
    for number, what, body in waiting:
        values: dict[str, Any] = {"done": True}
        try:
            values["answer"], committed = perform(writer, engine, trust, what, body)
            done.append(committed)
        except BadAction as error:
            values["error"] = str(error)
        with engine.begin() as connection:
            connection.execute(update(table).where(table.c.number == number).values(values))
    return done


def _ask_running_hub(engine: Engine, what: str, body: bytes) -> str:
    table = tables.submissions
    with engine.begin() as connection:
        number = connection.execute(
            insert(table).values(what=what, body=body, done=False).returning(table.c.number)
        ).scalar_one()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.number == number, table.c.done.is_(True))).first()
        if row is not None:
            with engine.begin() as connection:
                connection.execute(delete(table).where(table.c.number == number))
            if row.error is not None:
                raise BadAction(row.error)
            return str(row.answer)
        time.sleep(POLL_SECONDS)
    raise BadAction(N_("the running hub did not answer within a minute; look at its log, then try again"))


def _retry(writer: Writer, engine: Engine, trust: Trust, number: int) -> tuple[str, Committed]:
    """Judge a quarantined message again; it leaves the quarantine unless it is refused for the same reason."""
    table = tables.quarantine
    with engine.connect() as connection:
        row = connection.execute(select(table).where(table.c.number == number)).first()
    if row is None:
        raise BadAction(
            sentence(
                "there is no message {number} in quarantine; liaison-hub quarantine list shows what is there",
                number=number,
            )
        )
    message = Message(row.bus_organization, row.bus_kind, row.token, row.body)
    read = read_message(message, trust.network, keys_in(writer.packed_keys))
    committed = writer.commit([(message, read)], once_refused=row.reason != Reason.FORKED)
    refused = committed.outcome.quarantined
    if committed.outcome.overtaken:
        return _OVERTAKEN, committed
    if not refused or refused[0].reason != row.reason:
        with engine.begin() as connection:
            connection.execute(delete(table).where(table.c.number == number))
    if refused:
        answer = sentence(
            "refused again: {reason}: found {found}; expected {must}",
            reason=refused[0].reason,
            found=refused[0].found,
            must=refused[0].expected,
        )
        return answer, committed
    outcome = committed.outcome
    word = N_("held as early")
    if outcome.entries or outcome.duplicates:
        word = N_("accepted") if outcome.entries else N_("a duplicate of what is logged")
    return word, committed
