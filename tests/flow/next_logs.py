"""The loss of a log: its hub has neither database nor bus nor backup, and begins the next one from what nodes know."""

from collections.abc import Sequence
from dataclasses import replace

from hub.lost_log import LostLog, lost_log
from hub.next_log import rehearse, replacement
from hub.schema import MIGRATIONS
from node.node import Node
from node.testifying import testify
from schemas.statement import parse_statement
from tests.flow.evil_hub import Entry, EvilHub
from tests.flow.watched import Watched
from tests.migrated import migrated_file
from tests.signed_network import HUB_KEY, NOON, ROOT, TRUST, key_of
from wire import jws
from wire.actions import LogReplaced, sign_action
from wire.encoding import from_b64url
from wire.keys import SigningKey
from wire.seal import Place, seal
from wire.testimony import Testimony, parse_testimony


def testimonies(nodes: Sequence[Node]) -> list[Testimony]:
    """What these nodes know, as it is read from their files."""
    return [parse_testimony(testify(node, NOON).to_bytes()) for node in nodes]


def empty_hub(watched: Watched, name: str) -> EvilHub:
    """The same hub with an empty database."""
    place = watched.hub.directory.parent / name
    place.mkdir()
    migrated_file(place / "hub.sqlite", MIGRATIONS)
    return watched.opened(EvilHub(place, watched.hub.clock, log_key="log 2"))


def decided(lost: LostLog, **changed: object) -> LogReplaced:
    """What the roots would decide, or with members changed what they should not."""
    action = replacement(TRUST.network, lost, key_of("log 2").public, "The disk failed.")
    return action.model_copy(update=changed)


def known(watched: Watched) -> LostLog:
    """What all nodes of a network know of its log."""
    return lost_log(TRUST, testimonies([each.node for each in watched.nodes]), None)


def begin(hub: EvilHub, lost: LostLog, action: LogReplaced, roots: Sequence[SigningKey] = (ROOT,)) -> EvilHub:
    """Let a hub begin the next log with a decision, whoever signed it."""
    hub.writer.begin_next(sign_action(action, list(roots)), lost.statements)
    return hub


def replaced(watched: Watched, lost: LostLog | None = None) -> LostLog:
    """Lose the hub of a network, and let an honest one go on; gives what was lost, as the nodes know it now."""
    lost = lost or known(watched)
    action = decided(lost)
    rehearse(TRUST, action, sign_action(action, [ROOT]), lost.statements)
    watched.hub = begin(empty_hub(watched, "next"), lost, action)
    return lost


def forge(hub: EvilHub, action: LogReplaced, roots: Sequence[SigningKey]) -> None:
    """Put another decision into entry 0 of a next log that has begun, signed by the hub as the true one was."""
    body = sign_action(action, list(roots))
    said = parse_statement(jws.take_apart(hub.entries()[0].token, jws.EVENT).payload)
    place = Place(said.network, said.organization, said.sequence_number, from_b64url(said.previous))
    sealed = seal(
        place, HUB_KEY, subject=said.subject, event_type=said.type, marking=said.marking, body=body,
        content_type=said.datacontenttype,
    )  # fmt: skip

    def change(log: list[Entry]) -> list[Entry]:
        return [replace(log[0], hash=sealed.hash, token=sealed.token, body=body), *log[1:]]

    hub.change(change)
