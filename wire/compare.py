"""Comparing the views of two hubs, from their digests down to the records that differ; neither is believed."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from schemas.amount import amount, entries
from schemas.statement import is_org, is_record_id
from wire.client import HubAway, HubClient, HubError
from wire.encoding import b64url, from_b64url
from wire.merkle import HASH_SIZE
from wire.trust import BadTrust, parse_trust
from wire.view_digest import BUCKETS, MAX_NUMBER, bucket_digest, bucket_of, state_root

MAX_STATE: Final = 1 << 20  # bytes; 4,096 digests are 190 kB
MAX_BUCKET: Final = 16 << 20  # bytes: a view of more than 300 million records
MAX_DIFFERENCES: Final = 250_000
MAX_SECONDS: Final = 3600.0  # for all buckets of both
MAX_TRUST: Final = 64 * 1024
ATTEMPTS: Final = 5
PAUSE_SECONDS: Final = 1.0
_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")

Lines = dict[str, bytes]


class Contradiction(Exception):
    """A hub says what cannot be so; the message says what was found and what it should have been."""


class TwoNetworks(HubError):
    """The hubs are not of one network, so there is nothing to compare."""


class _Moved(Exception):
    """A hub's log went on between two answers."""


class HubState(NamedTuple):
    """What a hub says of its view, found to be of one piece."""

    hub: str
    size: int
    root: bytes
    rows: int
    state: bytes
    digests: tuple[bytes, ...]


class Difference(NamedTuple):
    """A record and the hash of its last included statement at either hub; None where it is not there."""

    address: str
    hashes: tuple[bytes | None, bytes | None]


@dataclass
class Comparison:
    """What came of it. `compared` is false while the logs are of different sizes, or a hub contradicts itself."""

    states: list[HubState] = field(default_factory=list)
    contradictions: list[tuple[str, str]] = field(default_factory=list)  # hub, what
    compared: bool = False
    buckets: list[int] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    stopped: str = ""  # why the list is not whole, if it is not

    @property
    def same_log(self) -> bool:
        """Whether the logs have the same root at the same size."""
        return len({(state.size, state.root) for state in self.states}) == 1 and len(self.states) > 1

    @property
    def equal(self) -> bool:
        """Whether both hubs show the same at the same size of the same log."""
        return self.compared and self.same_log and not (self.buckets or self.contradictions)

    @property
    def behind(self) -> str | None:
        """The hub whose log is the shorter one."""
        sizes = sorted(self.states, key=lambda state: state.size)
        return sizes[0].hub if len(sizes) > 1 and sizes[0].size < sizes[-1].size else None

    def document(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "equal": self.equal,
            "compared": self.compared,
            "same_log": self.same_log,
            "behind": self.behind,
            "hubs": [
                {"hub": s.hub, "size": s.size, "root": b64url(s.root), "rows": s.rows, "state": b64url(s.state)}
                for s in self.states
            ],
            "contradictions": [{"hub": hub, "what": what} for hub, what in self.contradictions],
            "buckets": self.buckets,
            "records": [
                {"address": address, "statements": [None if each is None else b64url(each) for each in hashes]}
                for address, hashes in self.differences
            ],
            "complete": not self.stopped,
        }


def compare(
    hubs: tuple[HubClient, HubClient], say: Callable[[str], None], *, pause: float = PAUSE_SECONDS
) -> Comparison:
    """Compare two hubs' views, and again `pause` seconds later while one is behind.

    HubError if one is away, TwoNetworks if they are not of one network.
    """
    names = [_network(hub) for hub in hubs]
    if names[0] != names[1]:
        raise TwoNetworks(f"{hubs[0].address} is of the network {names[0]}, {hubs[1].address} of {names[1]}")
    found = Comparison()
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(pause)
        found = Comparison()
        for hub in hubs:
            try:
                found.states.append(read_state(hub))
            except Contradiction as error:
                found.contradictions.append((hub.address, str(error)))
        if found.contradictions:
            return found
        if found.behind:
            sizes = " and ".join(f"{state.size:,}" for state in found.states)
            say(f"The logs have {sizes} entries; {found.behind} is behind.")
            continue
        try:
            _descend(hubs, found, say)
        except _Moved:
            say("A log went on meanwhile.")
            found = Comparison(found.states)
            continue
        return found
    return found


def told(found: Comparison) -> Iterator[str]:
    """Tell it in lines for people."""
    for state in found.states:
        yield f"{state.hub}  {amount(state.rows, 'record')} at {entries(state.size)}, state {b64url(state.state)}"
    for hub, what in found.contradictions:
        yield f"CONTRADICTION at {hub}: {what}"
    if found.equal:
        yield "equal: both show the same"
    elif found.compared:
        if not found.same_log:
            yield "DIFFERENT LOGS of one size: " + " and ".join(b64url(state.root) for state in found.states)
        yield amount(len(found.differences), "record differs", "records differ") + (
            f", and more: {found.stopped}" if found.stopped else ""
        )
    elif not found.contradictions:
        yield f"not compared: {found.behind or 'one of them'} " + ("is behind" if found.behind else "goes on too fast")
    for address, hashes in found.differences:
        yield "  ".join([address, *("absent" if each is None else b64url(each) for each in hashes)])


def read_state(hub: HubClient) -> HubState:
    """Ask a hub for its state, and check that it is the one of its digests; Contradiction if it is not."""
    document = _document(hub, "/api/v1/view/state", MAX_STATE)
    buckets = document.get("buckets")
    if not isinstance(buckets, list) or len(buckets) != BUCKETS:
        raise Contradiction(f"its view has no {BUCKETS} buckets")
    digests = tuple(_hash(each, "a bucket's digest") for each in buckets)
    size, rows = (_number(document.get(name), name) for name in ("size", "rows"))
    root, state = (_hash(document.get(name), name) for name in ("root", "state"))
    computed = state_root(digests)
    if computed != state:
        raise Contradiction(f"its state is {b64url(state)}, but that of its buckets is {b64url(computed)}")
    return HubState(hub.address, size, root, rows, state, digests)


def read_bucket(hub: HubClient, number: int, state: HubState) -> Lines:
    """Ask a hub for a bucket, and check that it is the one its state is made of; Contradiction if it is not."""
    document = _document(hub, f"/api/v1/view/buckets/{number}", MAX_BUCKET)
    if _number(document.get("size"), "size") != state.size:
        raise _Moved
    given = document.get("lines")
    if not isinstance(given, list):
        raise Contradiction(f"bucket {number} has no lines")
    pairs = [_line(each, number) for each in given]
    lines = dict(pairs)
    if len(lines) != len(pairs):
        raise Contradiction(f"bucket {number} has a record twice")
    computed = bucket_digest(pairs)
    if computed != state.digests[number]:
        stated = b64url(state.digests[number])
        raise Contradiction(f"bucket {number} has the digest {stated} in its state, its lines have {b64url(computed)}")
    return lines


def _descend(hubs: tuple[HubClient, HubClient], found: Comparison, say: Callable[[str], None]) -> None:
    """From the digests of both, which are of one size, to the records."""
    deadline = time.monotonic() + MAX_SECONDS
    first, second = found.states
    found.buckets = [n for n in range(BUCKETS) if first.digests[n] != second.digests[n]]
    if found.buckets:
        say(f"{len(found.buckets):,} of {BUCKETS:,} buckets differ.")
    elsewhere = first.rows - second.rows  # what must be left once the records of these buckets are taken off
    for number in found.buckets:
        if len(found.differences) > MAX_DIFFERENCES:
            found.stopped = f"the list ends after {MAX_DIFFERENCES:,}"
        elif time.monotonic() > deadline:
            found.stopped = f"the hubs took longer than {MAX_SECONDS:,.0f} s"
        if found.stopped:
            break
        lines = _both(hubs, number, found)
        if lines is not None:
            elsewhere -= len(lines[0]) - len(lines[1])
            addresses = sorted({**lines[0], **lines[1]})
            pairs = ((address, (lines[0].get(address), lines[1].get(address))) for address in addresses)
            found.differences += [Difference(*pair) for pair in pairs if pair[1][0] != pair[1][1]]
    found.compared = not found.contradictions
    if found.compared and not found.stopped and elsewhere:
        what = f"{first.rows:,} and {second.rows:,} records do not fit to the buckets: at least one of them miscounts"
        found.contradictions.append((f"{first.hub} or {second.hub}", what))


def _both(hubs: tuple[HubClient, HubClient], number: int, found: Comparison) -> list[Lines] | None:
    lines = []
    for hub, state in zip(hubs, found.states, strict=True):
        try:
            lines.append(read_bucket(hub, number, state))
        except Contradiction as error:
            found.contradictions.append((hub.address, str(error)))
    return lines if len(lines) == len(hubs) else None


def _network(hub: HubClient) -> str:
    content = hub.fetch("/trust.json", MAX_TRUST)
    try:
        return parse_trust(content or b"").network
    except BadTrust as error:
        raise HubAway(f"{hub.address}/trust.json names no network ({error}); is this the address of a hub?") from None


def _document(hub: HubClient, path: str, most: int) -> dict[str, Any]:
    content = hub.fetch(path, most)
    if content is None:
        raise HubAway(f"{hub.address} has no {path}: it is no hub, or one of an older version")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise HubAway(f"{hub.address}{path} is no JSON object; is this the address of a hub?")
    return document


def _line(given: Any, number: int) -> tuple[str, bytes]:
    match given:
        case [str(address), str(statement)]:
            kind, *rest = address.split("/")
            if len(rest) != 2 or not _KIND.fullmatch(kind) or not is_org(rest[0]) or not is_record_id(rest[1]):
                raise Contradiction(f"bucket {number} has a line without a record's address: {address[:130]!r}")
            if bucket_of(address) != number:
                raise Contradiction(f"bucket {number} has {address}, which belongs into {bucket_of(address)}")
            return address, _hash(statement, address)
    raise Contradiction(f"bucket {number} has a line that is not address and hash")


def _hash(given: Any, name: str) -> bytes:
    if isinstance(given, str):
        try:
            return from_b64url(given, size=HASH_SIZE)
        except (ValueError, UnicodeEncodeError):
            pass
    raise Contradiction(f"{name} is no hash of {HASH_SIZE} bytes in base64url")


def _number(given: Any, name: str) -> int:
    if type(given) is not int or not 0 <= given <= MAX_NUMBER:
        raise Contradiction(f"{name} is no number from 0 to {MAX_NUMBER}")
    return given
