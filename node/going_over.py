"""Going over to the next log after the loss of the one before: in one transaction, and offering all of ours again."""

import structlog

from node.next_log import Beginning
from node.node import Node
from node.store import Writing
from node.store.next_log import NextLog, go_over

_log = structlog.get_logger()


def go_over_to(node: Node, beginning: Beginning, cosigned: bytes | None, at: str) -> None:
    """Read, cosign and deliver in the next log from now on; `cosigned` is our last note of the lost one.

    Killed at any point, the node is with the old log or with the next one. No statement is sealed anew: what names a
    checkpoint of the lost log is known to be older than the next one.
    """
    log = NextLog(str(beginning.log), beginning.token, beginning.body, cosigned)
    with Writing.begin(node.engine) as writing:
        go_over(writing.connection, log, at)
    _log.warning("log.replaced", log=str(beginning.log), reason=beginning.about.reason)
