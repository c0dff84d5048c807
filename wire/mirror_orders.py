"""What the orders of erasure in a mirrored log ask of its mirror: bodies that it must not keep.

An order counts only if the organization signed it with a key that was valid there, or enough roots did, and if it names
what it may: nobody can rob a mirror of its evidence by putting an order into the log in another's name.
"""

from collections.abc import Iterator
from typing import Final

from schemas.statement import CONTROL
from wire import jws
from wire.action_fold import is_again
from wire.audit.entries import Entry, judge_entries, named_by
from wire.audit.orders import Orders
from wire.audit.registry import ROTATED, RegistryFold, Step
from wire.erasure import ORDERED, read_action, read_order
from wire.examine import Said, statement_hash
from wire.log_source import LogSource
from wire.registry import REGISTRY
from wire.tiles import WIDTH, width_in
from wire.trust import Trust

_ORDER: Final = f'"type":"{ORDERED}"'.encode()


def is_order(token: bytes) -> bool:
    """Whether an entry says that it is an order of erasure; who may say so is judged later."""
    try:
        return _ORDER in jws.take_apart(token, jws.EVENT).payload
    except jws.Malformed:
        return False


def bodies_to_erase(log: LogSource, trust: Trust, size: int) -> set[bytes]:
    """Give the hashes of the bodies that orders in the first `size` entries name, all of them, judged anew.

    A body that another statement names too, about which there is no order, is not among them. LogError where a part of
    the log is not there.
    """
    erased = _ordered(log, trust, size)
    named = {body for statement, body in _bodies(log, size) if statement in erased}
    return named - {body for statement, body in _bodies(log, size) if body in named and statement not in erased}


def _ordered(log: LogSource, trust: Trust, size: int) -> set[bytes]:
    """Give the hashes of the statements that orders with effect name."""
    fold, orders, erased = RegistryFold(trust), Orders(), set[bytes]()
    for number in range(-(-size // WIDTH)):
        tokens = log.entries(number, width_in(0, number, size))
        for entry in judge_entries(log, trust.network, b"", number * WIDTH, tokens, deep=False):
            said = entry.examined.said
            if said is None or entry.examined.refusal is not None:
                continue
            if said.kind != CONTROL:
                orders.note(entry)
            elif said.organization == REGISTRY:
                erased |= _of_roots(entry, said, fold, orders)
            elif said.type == ROTATED and entry.body is not None:
                fold.follow(Step(entry.index, entry.token, entry.body), entry.examined)
            elif said.type == ORDERED:
                erased |= _of_author(entry, said, fold, orders)
    return erased


def _of_roots(entry: Entry, said: Said, fold: RegistryFold, orders: Orders) -> set[bytes]:
    """What the roots order in a log before this one has no effect a second time."""
    body = entry.body
    if body is None or fold.follow(Step(entry.index, entry.token, body), entry.examined):
        return set()  # an audit finds what is wrong with it
    if said.type != ORDERED or is_again(fold.registry, said.sequence) or orders.of_roots(entry) is not None:
        return set()
    order = read_action(body)
    return set() if order is None else set(order.statements)


def _of_author(entry: Entry, said: Said, fold: RegistryFold, orders: Orders) -> set[bytes]:
    period = fold.period(said.organization, entry.examined.kid)
    if entry.body is None or entry.examined.exclusion is not None or period is None:
        return set()
    parts = jws.take_apart(entry.token, jws.EVENT)
    if not fold.valid(period, said, entry.index) or not period.key.verify(parts.signature, parts.signed):
        return set()
    former = fold.registry.is_former(said.organization, said.sequence)
    if orders.judge(entry, former=former) is not None:
        return set()
    return set(read_order(said.organization, entry.body).statements)


def _bodies(log: LogSource, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Give each statement about a record: its hash, and its body's."""
    for number in range(-(-size // WIDTH)):
        for token in log.entries(number, width_in(0, number, size)):
            named = named_by(token)
            if named is not None and named[2] != CONTROL.encode():
                yield statement_hash(jws.take_apart(token, jws.EVENT).payload), named[0]
