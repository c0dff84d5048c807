"""Folding the registry's statements, one behind the other; entry 0 of a next log waits until its place has come.

A next log begins with the newest statement of the registry, `log.replaced`; the older ones stand behind it, as they
were, from the first on. Only they tell which roots decide about entry 0: it is judged once the last of them is folded.
"""

from dataclasses import replace

from wire.action_forms import Action, LogReplaced
from wire.actions import BadAction, apply, check, open_action, parse_action
from wire.registry import Held, Registry

REPLACED = "liaison.log.replaced"


def begins_next_log(index: int, event_type: str) -> bool:
    """Whether a statement of the registry is entry 0 of a next log, which is held and not folded at once."""
    return index == 0 and event_type == REPLACED


def fold_action(
    body: bytes, registry: Registry, *, index: int, sequence: int, previous: bytes, statement: bytes
) -> Action:
    """Verify, check and apply the action in the registry's statement logged at `index`; BadAction otherwise."""
    action = parse_action(body)
    if isinstance(action, LogReplaced) and index == 0:
        return hold(body, registry, sequence=sequence, previous=previous, statement=statement)
    action = open_action(body, registry, sequence=sequence, previous=previous)
    check(action, registry)
    apply(action, registry, index=index, statement=statement)
    settle(registry, sequence, statement)
    return action


def hold(body: bytes, registry: Registry, *, sequence: int, previous: bytes, statement: bytes) -> LogReplaced:
    """Take entry 0 of a next log, unjudged; BadAction for another action."""
    action = parse_action(body)
    if not isinstance(action, LogReplaced):
        raise BadAction(f"the action is {action.action}; log.replaced was expected")
    registry.held = Held(body, sequence, previous, statement, action.covered)
    return action


def settle(registry: Registry, sequence: int, statement: bytes) -> Held | None:
    """Judge entry 0 of a next log, if the registry's statement that was folded now is the last one before it.

    Gives it, None if nothing was due. BadAction if the roots did not decide that, or not there.
    """
    held = registry.held
    if held is None:
        return None
    if sequence == held.covered:
        held = registry.held = replace(held, witnesses=registry.witnesses(registry.network))
    if sequence != held.sequence - 1:
        return None
    if held.previous != statement:
        raise BadAction(f"entry 0 follows another statement {sequence} of the registry than the one that is given")
    action = open_action(held.body, registry, sequence=held.sequence, previous=held.previous)
    check(action, registry)
    apply(action, registry, index=0, statement=held.statement)
    registry.held = None
    return held


def is_again(registry: Registry, sequence: int) -> bool:
    """Whether the registry's statement of this sequence, which was folded last, was made in a log before this one."""
    return registry.held is not None or (registry.newest is not None and sequence < registry.newest[0])


def chain_end(registry: Registry, index: int, before: tuple[int, bytes], read: tuple[int, bytes]) -> tuple[int, bytes]:
    """Tell where the registry's chain ends after its statement at `index` was folded, as (sequence, hash).

    `before` is where it ended until then, `read` what was folded now.
    """
    if registry.held is not None and index == 0:
        return before
    newest = registry.newest
    return newest if newest is not None and newest[0] == read[0] + 1 else read
