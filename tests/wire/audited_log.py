"""A whole log without a hub, honest unless a test makes it lie: admissions, events, exclusions, checkpoints."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from schemas.body import make_body, make_withdrawal
from tests.signed_network import HUB_KEY, NETWORK, NOON, TRUST, Roots, admission_of, key_of, need, nonce, statement_of
from wire import jws
from wire.actions import Action, sign_action, statement_name
from wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from wire.encoding import b64url, from_b64url
from wire.erasure import ORDERED, order_members, order_name
from wire.examine import statement_hash
from wire.keys import SigningKey
from wire.merkle import leaf_hash, tree_root
from wire.registry import HUB, REGISTRY
from wire.rotation import ROTATED
from wire.seal import Place, Sealed, control_body, control_subject, seal, seal_rotation
from wire.tiles import TileHashes, bundle, perfect_root, tile_path, tiles_of, width_in
from wire.trust import Trust

LOG_KEY = key_of("log")


@dataclass
class AuditedLog:
    """What a hub would have in its database. `heads` are the ends of all chains; `clock` is everybody's."""

    trust_json: bytes = TRUST.to_bytes()
    entries: list[bytes] = field(default_factory=list)
    bodies: dict[bytes, bytes] = field(default_factory=dict)
    notes: dict[int, bytes] = field(default_factory=dict)
    heads: dict[str, tuple[int, bytes]] = field(default_factory=lambda: {REGISTRY: (0, TRUST.digest)})
    witnesses: list[str] = field(default_factory=list)
    seen: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    keys: dict[str, SigningKey] = field(default_factory=dict)
    clock: datetime = NOON
    trust: Trust = TRUST
    roots: list[str] = field(default_factory=lambda: ["root"])
    origin: str = TRUST.origin
    log_key: SigningKey = LOG_KEY
    witness_keys: dict[str, str] = field(default_factory=dict)  # of those that have other ones than at first

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def begin(self, *organizations: str) -> "AuditedLog":
        """Admit the hub and these organizations."""
        for name in (HUB, *organizations):
            self.admit(name)
        return self

    def admit(self, name: str, roots: list[SigningKey] | None = None) -> int:
        """Let the roots (or whoever is given) admit an organization."""
        index = self.act(admission_of(name, self.action_place(), HUB_KEY if name == HUB else None), roots)
        self.heads[name] = (0, self.heads[REGISTRY][1])
        if name != HUB:
            self.witnesses.append(name)
        return index

    def act(self, action: Action, roots: list[SigningKey] | None = None) -> int:
        """Log an action of the roots."""
        subject = control_subject(REGISTRY, statement_name(action))
        body = sign_action(action, [key_of(name) for name in self.roots] if roots is None else roots)
        return self.seal(
            REGISTRY,
            subject,
            f"liaison.{action.action}",
            body,
            key=self.keys.get(HUB, HUB_KEY),
            content_type="application/jose+json",
        )

    def action_place(self) -> dict[str, str]:
        """Members that bind the roots' next action to its place."""
        return Roots(self.trust, self.heads[REGISTRY][1], self.heads[REGISTRY][0]).place()

    def place(self, organization: str) -> Place:
        """Where the organization's next statement stands."""
        sequence, head = self.heads[organization]
        return Place(NETWORK, organization, sequence + 1, head)

    def sealed(self, organization: str, subject: str, event_type: str, body: bytes, **how: Any) -> Sealed:
        """Seal a statement without logging it."""
        key = how.pop("key", None) or self.keys.get(organization)
        key = key or (HUB_KEY if organization == HUB else key_of(organization))
        given = {"marking": "TLP:CLEAR", "now": self.clock, "seen": self.seen.get(organization)} | how
        self.clock += timedelta(seconds=1)
        return seal(self.place(organization), key, subject=subject, event_type=event_type, body=body, **given)

    def seal(self, organization: str, subject: str, event_type: str, body: bytes, **how: Any) -> int:
        """Seal a statement and log it; gives its index."""
        return self.append(self.sealed(organization, subject, event_type, body, **how))

    def append(self, sealed: Sealed) -> int:
        """Log a sealed event as the next of its chain."""
        self.heads[sealed.organization] = (sealed.sequence, sealed.hash)
        self.bodies[hashlib.sha256(sealed.body).digest()] = sealed.body
        self.entries.append(sealed.token)
        return self.size - 1

    def say(
        self, organization: str, record: dict[str, Any] | None = None, *, id: str = "n1", action: str = "published",  # noqa: A002
        **how: Any,
    ) -> int:  # fmt: skip
        """Have an organization say something about a need."""
        number = nonce(self.size)
        body = make_withdrawal("It ended.", number) if action == "withdrawn" else make_body(record or need(), number)
        return self.seal(organization, f"need/{organization}/{id}", f"liaison.need.{action}", body, **how)

    def order_erasure(self, organization: str, *indices: int) -> int:
        """Have an organization order the erasure of what these entries, all about one record, hold."""
        subject = str(statement_of(self.entries[indices[0]])["subject"])
        members = order_members(subject, [hash_of(self.entries[index]) for index in indices])
        name = order_name(self.heads[organization][0] + 1)
        return self.seal(organization, control_subject(organization, name), ORDERED, control_body(members))

    def rotate(self, organization: str, *, following: str = "", after: str = "", key: SigningKey | None = None) -> int:
        """Have an organization go over to its next key (or `following`), which speaks for it from then on."""
        new = key_of(following or f"{organization} next")
        committed = key_of(after or f"{organization} after").public.thumbprint
        old = key or self.keys.get(organization, key_of(organization))
        sealed = seal_rotation(
            self.place(organization), old, new, committed, now=self.clock, seen=self.seen.get(organization)
        )
        self.keys[organization] = new
        return self.append(sealed)

    def exclude(self, index: int, reason: str) -> int:
        """Have the hub say that an entry is left out of the view."""
        members = {"index": index, "reason": reason, "problems": []}
        name = control_subject(HUB, f"excluded-{index}")
        return self.seal(HUB, name, "liaison.body.excluded", control_body(members))

    def tile(self, level: int, number: int, width: int) -> bytes:
        """A tile of the log as it stands."""
        start = number * 256
        if level == 0:
            return b"".join(leaf_hash(entry) for entry in self.entries[start : start + width])
        return b"".join(perfect_root(self.tile(level - 1, start + at, 256)) for at in range(width))

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` entries."""
        size = self.size if size is None else size
        return tree_root(size, TileHashes(size, self.tile).subtree)

    def sign(self, cosigners: Iterable[str] | None = None, *, key: SigningKey | None = None) -> bytes:
        """Make a checkpoint of what there is, cosigned by all witnesses or by these, who note it as seen."""
        checkpoint = Checkpoint(self.origin, self.size, self.root())
        names = list(self.witnesses if cosigners is None else cosigners)
        lines = [
            cosign(
                checkpoint,
                NETWORK,
                name,
                key_of(f"{self.witness_keys.get(name, name)} witness"),
                int(self.clock.timestamp()),
            )
            for name in names
        ]
        self.notes[self.size] = (
            sign_checkpoint(checkpoint, key or self.log_key) + "".join(each.line for each in lines).encode()
        )
        for name in names:
            self.seen[name] = (self.size, checkpoint.root)
        self.clock += timedelta(seconds=1)
        return self.notes[self.size]

    def write(self, directory: Path) -> Path:
        """Write a mirror directory of the newest checkpoint."""
        size = max(self.notes)
        files = {"trust.json": self.trust_json, "checkpoint": self.notes[size]}
        files |= {f"checkpoints/{each}": note for each, note in self.notes.items()}
        files |= {f"bodies/{b64url(datahash)}": body for datahash, body in self.bodies.items()}
        for tile in tiles_of(size):
            path = tile_path(tile.number, tile.width)
            files[f"tile/{tile.level}/{path}"] = self.tile(*tile)
        for number in range(-(-size // 256)):
            width = width_in(0, number, size)
            path = tile_path(number, width)
            files[f"tile/entries/{path}"] = bundle(self.entries[number * 256 : number * 256 + width])
        for name, content in files.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_bytes(content)
        return directory

    @property
    def registry(self) -> list[int]:
        """Indices of the registry's statements."""
        source = f"https://{NETWORK}/orgs/{REGISTRY}"
        return [index for index, entry in enumerate(self.entries) if statement_of(entry)["source"] == source]

    def key_statements(self, index: int) -> list[int]:
        """The registry's statements, and rotations by the speaker of an entry and by the hub."""
        names = {statement_of(self.entries[index])["source"], f"https://{NETWORK}/orgs/{HUB}"}
        said = [(at, statement_of(entry)) for at, entry in enumerate(self.entries)]
        rotations = [at for at, each in said if each["type"] == ROTATED and each["source"] in names]
        return sorted([*self.registry, *rotations])

    def body_of(self, index: int) -> bytes:
        """The body that an entry names."""
        return self.bodies[from_b64url(statement_of(self.entries[index])["datahash"])]

    def drop(self, index: int) -> None:
        """Take an entry out, as if it had never come."""
        del self.entries[index]


def hash_of(token: bytes) -> bytes:
    """The hash of a token's statement."""
    return statement_hash(jws.take_apart(token, jws.EVENT).payload)


def honest_log(
    *, events: int = 12, organizations: tuple[str, ...] = ("xa-centre", "xb-police", "xc-border")
) -> AuditedLog:
    """A log with everything in it: revisions, a withdrawal, an exclusion, checkpoints, events that have seen one."""
    log = AuditedLog().begin(*organizations)
    log.sign()
    for number in range(events):
        log.say(organizations[number % len(organizations)], id=f"n{number % 5}")
        if number % 7 == 6:
            log.sign()
    log.say(organizations[0], action="revised", id="n0")
    log.say(organizations[1], action="withdrawn", id="n1")
    wrong = log.say(organizations[2], {"title": {"en": "No need"}}, id="bad")
    log.exclude(wrong, "schema-invalid")
    log.sign()
    return log
