"""What a node is told when it may speak, or speak with new keys: drawn from the registry's statements in the log."""

from collections.abc import Iterator

from sqlalchemy import Engine, select

from hub import tables
from wire.actions import Action, Admitted, KeyReplaced, RootsChanged, parse_action
from wire.enrolment import Logged, make_admission
from wire.registry import HUB, REGISTRY
from wire.trust import Trust


def admission_for(engine: Engine, trust: Trust, organization: str, url: str) -> bytes:
    """Give the admission.json of an organization that was admitted: with its newest keys.

    All changes of the roots, and of the hub's own keys, are in it too.
    """
    admitted: dict[str, Logged] = {}
    replaced: Logged | None = None
    roots: list[Logged] = []
    hub_keys: list[Logged] = []
    for action, logged in _decisions(engine):
        if isinstance(action, Admitted):
            admitted[action.organization] = logged
        elif isinstance(action, RootsChanged):
            roots.append(logged)
        elif isinstance(action, KeyReplaced) and action.organization == organization:
            replaced = logged
        elif isinstance(action, KeyReplaced) and action.organization == HUB:
            hub_keys.append(logged)
    return make_admission(
        trust, admitted[HUB], admitted[organization], url, roots=roots, replaced=replaced, hub_keys=hub_keys
    )


def _decisions(engine: Engine) -> Iterator[tuple[Action, Logged]]:
    log, bodies, names = tables.log, tables.bodies, tables.organizations
    query = (
        select(log.c.token, bodies.c.body)
        .join(names, names.c.org == log.c.org)
        .join(bodies, bodies.c.index == log.c.index)
        .where(names.c.organization == REGISTRY)
        .order_by(log.c.sequence)
    )
    with engine.begin() as connection:
        rows = connection.execute(query).all()
    for token, body in rows:
        yield parse_action(bytes(body)), (bytes(token), bytes(body))
