"""The node put together: every part is built here from its directory, for commands and for the running service."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from node.accounts.acts import Acts
from node.accounts.people import People
from node.accounts.tokens import Tokens
from node.directory import Directory
from node.edit import Editor, Put
from node.erasing import Eraser
from node.importing.uploads import Uploads
from node.inbox import Inbox
from node.keyring import Keyring, create_keys, load_keys, load_signing
from node.lock import is_served
from node.refusal import Refusal
from node.restore_notice import notice_restore
from node.settings import DATABASE_FILE, Settings, read_settings, write_settings
from node.signing import SigningKeys
from node.store import (
    Access,
    Batches,
    Drafts,
    Grid,
    InUse,
    LetterCopies,
    Letters,
    LogStore,
    Members,
    Needs,
    Orders,
    Outbox,
    Reading,
    create_store,
    open_store,
    open_unchanged,
)
from node.store.note import Note, no_note
from schemas.entry import Entry, InvalidEntry, parse_entry
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.all_or_nothing import all_or_nothing
from wire.enrolment import Admission, BadEnrolment, make_enrolment, open_admission
from wire.key_sets import ENROLMENT_FILE, key_set, key_sets
from wire.keys import SigningKey
from wire.trust import Trust

TRUST_FILE = "trust.json"


@dataclass(frozen=True)
class Node:
    """The parts that commands and service share; each works on the database by itself."""

    settings: Settings
    keyring: Keyring
    engine: Engine
    editor: Editor
    outbox: Outbox
    log: LogStore
    reading: Reading
    access: Access
    tokens: Tokens
    directory: Directory
    letters: Letters
    keys: SigningKeys
    eraser: Eraser
    orders: Orders
    drafts: Drafts
    acts: Acts
    people: People
    grid: Grid
    needs: Needs
    batches: Batches
    uploads: Uploads

    def announcing(self) -> SigningKey:
        """Give the key that heads are signed with now."""
        return self.keys.announcing(self.reading.in_use(), self.outbox.relay().logged)

    def admission(self) -> Admission | None:
        """Give what the node was admitted with, None before it has joined."""
        document = self.reading.chain().admission
        return None if document is None else open_admission(document)

    def inbox(self, admission: Admission) -> Inbox:
        """Build what finds and opens the letters of others; whoever reads the log hands it what it reads (`take`)."""
        # Other keys may be in use than when the node was built.
        key = load_keys(self.settings.directory, self.reading.in_use()).reading
        return Inbox(admission.trust.network, admission.organization, key, self.letters)


def build(directory: Path, *, settings: Settings | None = None, keyring: Keyring | None = None) -> Node:
    """Build the node of a directory; BadSettings, BadKey or NoDatabase say what is missing."""
    settings = settings or read_settings(directory)
    node = _put_together(settings, open_store(settings.database), keyring)
    notice_restore(directory, node.reading, node.log, node.outbox)
    if node.eraser.untidy and not is_served(directory):  # or else the service sees to it
        node.eraser.tidy()
    return node


def build_unchanged(settings: Settings) -> Node:
    """Build the node to look at it: in its database nothing is brought up to date, noted or tidied."""
    return _put_together(settings, open_unchanged(settings.database), None)


def _put_together(settings: Settings, engine: Engine, keyring: Keyring | None) -> Node:
    directory = settings.directory
    reading, members = Reading(engine), Members(engine)
    reading.chain()  # whether there is one
    keyring = keyring or load_keys(directory, reading.in_use())
    keys = SigningKeys(directory, settings.organization)
    editor, outbox, log = Editor(engine, keys, members), Outbox(engine), LogStore(engine)
    access, letters = Access(engine), Letters(engine)
    eraser, orders = Eraser(engine, keys, [LetterCopies()]), Orders(engine)
    acts = Acts(engine)
    return Node(
        settings, keyring, engine, editor, outbox, log, reading, access, Tokens(access, acts), members, letters, keys,
        eraser, orders, Drafts(engine), acts, People(engine, acts), Grid(engine), Needs(engine), Batches(engine),
        Uploads(directory),
    )  # fmt: skip


def begin(directory: Path, *, organization: str, name: str, org_type: str, database: str) -> Path:
    """Make a new node: keys, settings, database, its own record as its first change; gives the enrolment's path.

    InvalidEntry when the name or the type cannot be in the organization's record: then nothing is made. What fails
    later, such as a database that cannot be reached, leaves nothing either: half a node could neither go on nor begin.
    """
    entry = parse_entry(own_record(organization, name, org_type))
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with all_or_nothing(directory):
        return _begin(directory, entry, organization, name, database)


def _begin(directory: Path, entry: Entry, organization: str, name: str, database: str) -> Path:
    signing, members = create_keys(directory)
    write_settings(directory, organization=organization, name=name, database=database)
    if not database:
        (directory / DATABASE_FILE).touch(mode=0o600)  # it will hold what is TLP:RED
    create_store(read_settings(directory).database, organization)
    build(directory).editor.apply([Put(entry)])
    enrolment = directory / ENROLMENT_FILE
    enrolment.write_bytes(make_enrolment({"organization": organization, "name": name, **members}, signing))
    return enrolment


def own_record(organization: str, name: str, org_type: str) -> dict[str, object]:
    """Give the first version of the organization's own record, which it revises with `put` as it likes."""
    return {
        "kind": "organization",
        "id": organization,
        "marking": "TLP:CLEAR",
        "name": {"en": name},
        "identifiers": [{"scheme": "liaison", "id": organization}],
        "org_type": {"scheme": "iati_org_type", "code": org_type},
    }


def join(node: Node, document: bytes, note: Note = no_note) -> tuple[Trust, int]:
    """Join the network that admitted this node; gives its trust and how many waiting events were sealed.

    BadEnrolment if the admission does not verify or is another node's. Joining again changes nothing but the
    address of the bus.
    """
    admission, adopted = read_admission(node, document)
    sealed = node.editor.join(admission, document, adopted, note)
    (node.settings.directory / TRUST_FILE).write_bytes(admission.trust.to_bytes())
    return admission.trust, sealed


def read_admission(node: Node, document: bytes) -> tuple[Admission, InUse | None]:
    """Verify an admission before anything is done with it, and find the keys that it names; BadEnrolment as `join`."""
    admission = open_admission(document)
    if admission.organization != node.settings.organization:
        raise BadEnrolment(
            sentence(
                "the admission is for {organization}; this is the node of {own}",
                organization=admission.organization,
                own=node.settings.organization,
            )
        )
    return admission, adopted_keys(node, admission)


def adopted_keys(node: Node, admission: Admission) -> InUse | None:
    """Give the set of keys that an admission names, None if it is in use already; BadEnrolment if it is not ours."""
    directory, in_use = node.settings.directory, node.reading.in_use()
    known = node.admission()
    if known is not None and known.signing_key == admission.signing_key:
        return None
    for number in key_sets(directory):
        place = key_set(directory, number)
        # The first file of an old set may be lost, or destroyed after a rotation.
        if (place / "signing.pem").exists() and load_signing(place, None).public == admission.signing_key:
            if number < in_use.key_set:
                raise BadEnrolment(
                    N_("the admission names keys that the roots have replaced since; take the newest admission")
                )
            return InUse(number) if number > in_use.key_set else None
    raise BadEnrolment(
        sentence(
            "the admission is for other keys than this node's: it answers the enrolment of another "
            "directory. Have {directory} admitted",
            directory=directory / ENROLMENT_FILE,
        )
    )


__all__ = ["InvalidEntry", "Node", "Refusal", "begin", "build", "join", "own_record"]
