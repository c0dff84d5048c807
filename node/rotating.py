"""Going over to another key: rotation, new keys for lost ones, and what to seal anew after a fork or a replacement."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from node.erasing import order_anew
from node.keyring import signing_file
from node.node import Node
from node.refusal import Refusal, signs_nothing
from node.settings import Settings
from node.store import InUse, Statement, Writing
from node.store.note import Note, no_note
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from schemas.statement import parse_statement
from wire import jws
from wire.encoding import from_b64url
from wire.enrolment import Admission
from wire.erasure import ORDERED, order_name
from wire.key_sets import key_set, prepare_key_set
from wire.keys import SigningKey
from wire.reasons import Reason
from wire.seal import Place, Sealed, seal, seal_rotation, timestamp

ROTATED = "key.rotated"
FORKED, SUSPENDED = "forked", "suspended"  # as the hub names the state of a node


class Rotated(NamedTuple):
    """What a rotation did: its sequence, the key that speaks now, where the next one lies, how much was sealed anew."""

    sequence: int
    key: str
    next_file: Path
    resealed: int


def rotate(node: Node, now: datetime | None = None, note: Note = no_note) -> Rotated:
    """Seal the rotation to the next key and commit to a new one; Refusal says why it cannot be done now.

    Killed at any point, the node signs with the key that its database names: the new file comes first, then one
    transaction holds the statement and the change of keys.
    """
    with Writing.begin(node.engine) as writing:
        _check(node, writing)
        place = key_set(node.settings.directory, writing.in_use().key_set)
    after = SigningKey.generate()
    path = signing_file(place, after.public.thumbprint)
    after.save(path)
    try:
        with Writing.begin(node.engine) as writing:
            done = _rotate(node, writing, after, path, now or datetime.now(UTC))
            note(writing.connection)
    except BaseException:
        path.unlink()
        raise
    return done


def mend(node: Node) -> int:
    """Seal anew what the hub refuses because its key was replaced; gives how many statements, mostly none.

    A key that has ended never becomes valid again, so the refused statements can never be logged beside the new ones.
    """
    with Writing.begin(node.engine) as writing:
        logged, _ = writing.hub_says()
        admission = node.admission()
        if admission is None or writing.chain.alarm is not None or logged >= writing.chain.sequence:
            return 0
        if writing.refused_for(logged + 1) != Reason.KEY_NOT_VALID:
            return 0
        key = node.keys.current(writing.in_use())
        if writing.sealed_with(logged + 1) == key.public.thumbprint:
            return 0
        taken = writing.take_back(logged, admission.previous)
        writing.append(_anew(writing, taken, key))
    return len(taken)


def prepare_replacement(settings: Settings, in_use: InUse) -> Path:
    """Make a new set of keys, once, and write the enrolment that asks the roots to register it; gives its path.

    Needs none of the old keys.
    """
    organization = {"organization": settings.organization, "name": settings.name}
    return prepare_key_set(settings.directory, in_use.key_set, **organization)


def _check(node: Node, writing: Writing) -> Admission:
    admission = node.admission()
    if admission is None:
        raise Refusal(
            "not-joined", N_("the node has not joined a network yet; its keys can be made anew by another init")
        )
    if writing.chain.alarm is not None:
        raise signs_nothing(writing.chain.alarm, writing.chain.alarm_text, _WAY_OUT)
    logged, _ = writing.hub_says()
    in_use = writing.in_use()
    if in_use.rotated_at > logged:
        raise Refusal(
            "rotation-waits",
            sentence(
                "the last rotation, statement {rotated_at}, is not logged yet; wait for that first",
                rotated_at=in_use.rotated_at,
            ),
        )
    following = node.keys.following(in_use).public.thumbprint
    committed = in_use.following or admission.keys.next_key
    if following != committed:
        raise Refusal(
            "unknown-key",
            sentence(
                "the next key here is {following}; the network was promised {committed}",
                following=following,
                committed=committed,
            ),
        )
    return admission


def _rotate(node: Node, writing: Writing, after: SigningKey, path: Path, now: datetime) -> Rotated:
    admission = _check(node, writing)
    in_use = writing.in_use()
    current, following = node.keys.current(in_use), node.keys.following(in_use)
    logged, _ = writing.hub_says()
    taken = writing.take_back(logged, admission.previous) if _stands_still(writing) else []
    place = Place(admission.trust.network, writing.chain.organization, writing.chain.sequence + 1, writing.chain.head)
    seen = _seen(writing.last_token())
    sealed = seal_rotation(place, current, following, after.public.thumbprint, now=now, seen=seen)
    writing.append([_statement(sealed, f"rotation-{sealed.sequence}", ROTATED, "TLP:CLEAR", timestamp(now))])
    writing.append(_anew(writing, taken, following))
    writing.move_records(logged, by=1 if taken else 0)
    writing.use(
        InUse(
            in_use.key_set,
            following.public.thumbprint,
            after.public.thumbprint,
            current.public.thumbprint,
            sealed.sequence,
        )
    )
    return Rotated(sealed.sequence, following.public.thumbprint, path, len(taken))


def _stands_still(writing: Writing) -> bool:
    """Whether a rotation is taken right after what is logged only; what waits goes behind it, under the new key.

    So it is in a forked chain, and where the hub takes nothing else of one that is suspended. There, what it may log
    yet is not taken back: only what it refused, or was never sent.
    """
    logged, hub_state = writing.hub_says()
    refused = writing.refused_for(logged + 1) == Reason.SUSPENDED
    return hub_state == FORKED or (hub_state == SUSPENDED and (refused or not writing.has_sent(logged + 1)))


def _anew(writing: Writing, taken: Sequence[Statement], key: SigningKey) -> list[Statement]:
    """Seal statements again as they were, in their order, behind the chain's head."""
    chain, done = writing.chain, list[Statement]()
    place = Place(chain.network or "", chain.organization, chain.sequence + 1, chain.head)
    renamed: dict[bytes, bytes] = {}
    for old in taken:
        said = parse_statement(jws.take_apart(old.token, jws.EVENT).payload)
        id_, body = old.id, old.body or b""
        if said.type == ORDERED:
            id_, body = order_name(place.sequence), order_anew(body, renamed)
        sealed = seal(
            place, key, subject=f"{old.kind}/{chain.organization}/{id_}", event_type=said.type, marking=said.marking,
            body=body, now=datetime.fromisoformat(said.time), content_type=said.datacontenttype, seen=_seen(old.token),
            erased=from_b64url(said.datahash) if old.body is None else None,
        )  # fmt: skip
        again = _statement(sealed, id_, old.action, old.marking, old.time)
        done.append(again if old.body is not None else again._replace(body=None))
        renamed[old.hash] = sealed.hash
        place = place._replace(sequence=sealed.sequence + 1, previous=sealed.hash)
    return done


def _statement(sealed: Sealed, id_: str, action: str, marking: str, time: str) -> Statement:
    return Statement(
        sealed.sequence, sealed.kind, id_, action, marking, time, sealed.hash, sealed.token, sealed.body
    )  # fmt: skip


def _seen(token: bytes | None) -> tuple[int, bytes] | None:
    """Give the checkpoint that a statement has seen: once it is named, every later one names one."""
    said = None if token is None else parse_statement(jws.take_apart(token, jws.EVENT).payload).seen
    if said is None:
        return None
    size, _, root = said.partition(":")
    return int(size), from_b64url(root, size=32)


_WAY_OUT = N_(
    "Stop every copy of this node. The copy whose statements the hub has logged can go on: rotate the key there, "
    "and put here what only this copy holds there too. If the key is in other hands, have the roots replace it: "
    "liaison-node keys replace"
)
