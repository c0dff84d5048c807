"""The loss of a log: its hub has neither database nor bus nor backup, and begins the next one from what nodes know."""

from collections.abc import Sequence
from pathlib import Path

from hub.lost_log import LostLog, lost_log
from hub.next_log import rehearse, replacement
from hub.schema import MIGRATIONS
from node.node import Node
from node.testifying import testify
from tests.flow.evil_hub import EvilHub
from tests.flow.watched import Watched
from tests.signed_network import NOON, ROOT, TRUST, key_of
from wire.actions import LogReplaced, sign_action
from wire.database import migrate, open_database, sqlite_url
from wire.keys import SigningKey
from wire.testimony import Testimony, parse_testimony


def testimonies(nodes: Sequence[Node]) -> list[Testimony]:
    """What these nodes know, as it is read from their files."""
    return [parse_testimony(testify(node, NOON).to_bytes()) for node in nodes]


def empty_hub(watched: Watched, name: str) -> EvilHub:
    """The same hub with an empty database."""
    place = watched.hub.directory.parent / name
    place.mkdir()
    engine = open_database(sqlite_url(place / "hub.sqlite"))
    migrate(engine, MIGRATIONS)
    engine.dispose()
    return watched.opened(EvilHub(place, watched.hub.clock, log_key="log 2"))


def decided(lost: LostLog, **changed: object) -> LogReplaced:
    """What the roots would decide, or with members changed what they should not."""
    action = replacement(TRUST.network, lost, key_of("log 2").public, "The disk failed.")
    return action.model_copy(update=changed)


def begin(hub: EvilHub, lost: LostLog, action: LogReplaced, roots: Sequence[SigningKey] = (ROOT,)) -> EvilHub:
    """Let a hub begin the next log with a decision, whoever signed it."""
    hub.writer.begin_next(sign_action(action, list(roots)), lost.statements)
    return hub


def replaced(watched: Watched, directory: Path) -> LostLog:
    """Lose the hub of a network, and let an honest one go on; gives what was lost."""
    del directory
    lost = lost_log(TRUST, testimonies([each.node for each in watched.nodes]), None)
    action = decided(lost)
    rehearse(TRUST, action, sign_action(action, [ROOT]), lost.statements)
    watched.hub = begin(empty_hub(watched, "next"), lost, action)
    return lost
