"""Going over to the next log after the loss of the one before: in one transaction, and offering all of ours again."""

import structlog

from node.next_log import Beginning
from node.node import Node
from node.rotating import ROTATED, seal_anew
from node.store import Writing
from node.store.next_log import NextLog, go_over
from schemas.statement import parse_statement
from wire import jws
from wire.enrolment import Admission

_log = structlog.get_logger()


def go_over_to(node: Node, admission: Admission, beginning: Beginning, cosigned: bytes | None, at: str) -> None:
    """Read, cosign and deliver in the next log from now on.

    What the lost log did not hold and names a checkpoint of it is sealed anew: in the next log it would name one that
    never was. Killed at any point, the node is with the old log or with the next one.
    """
    log = NextLog(str(beginning.log), beginning.token, beginning.body, cosigned)
    end = beginning.about.ends.get(admission.organization)
    with Writing.begin(node.engine) as writing:
        go_over(writing.connection, log, at)
        number = _seal_tail_anew(node, admission, writing, 0 if end is None else end.sequence)
    _log.warning("log.replaced", log=str(beginning.log), reason=beginning.about.reason, sealed_anew=number)


def _seal_tail_anew(node: Node, admission: Admission, writing: Writing, end: int) -> int:
    if writing.chain.alarm is not None or writing.chain.sequence <= end:
        return 0
    tail = writing.behind(end)
    seen = any(parse_statement(jws.take_apart(each.token, jws.EVENT).payload).seen is not None for each in tail)
    if not seen:
        return 0
    if any(each.action == ROTATED for each in tail):
        _log.error("log.replaced.tail", what="a rotation waits that was never logged; have the roots replace the keys")
        return 0
    taken = writing.take_back(end, admission.previous)
    writing.append(seal_anew(writing, taken, node.keys.current(writing.in_use()), seen=False))
    return len(taken)
