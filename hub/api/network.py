"""The network over HTTP: nodes and their states, counts, and for operators the quarantine."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from hub import checkpoints
from hub.access import Reader, Role
from hub.api.parameters import AllAtOnce, no_question
from hub.checkpoints import Signed
from hub.filters import Held
from hub.node_queries import list_nodes, list_quarantine, one_node, stats
from hub.operating.health import Trouble
from hub.operating.nodes import operators_nodes
from hub.problem_details import Refusal
from hub.queries import Listed
from hub.reading import Reading, as_json, visible
from ui.routes import Routes
from wire.checkpoint import Witnesses


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/api/v1", tags=["network"])

    @routes.get("/nodes", summary="All nodes with their states; operators get all that these are judged by")
    def nodes(request: Request, _asked: Annotated[AllAtOnce, Query()]) -> Response:
        operator = hub.role(request) is Role.OPERATOR
        with hub.connect() as connection:
            if operator:
                found, troubles = watched(hub, connection)
                own = [trouble._asdict() for trouble in troubles]
                return as_json({"items": found, "next": None, "hub": own, "as_of": hub.as_of()})
            return hub.listed(request, Listed(list_nodes(connection, hub.registry(), hub.now()), None))

    @routes.get("/nodes/{org}", dependencies=[Depends(no_question)], summary="One node")
    def node(request: Request, org: str) -> Response:
        operator = hub.role(request) is Role.OPERATOR
        with hub.connect() as connection:
            if operator:
                found = next((each for each in watched(hub, connection)[0] if each["org"] == org), None)
            else:
                found = one_node(connection, hub.registry(), org, hub.now())
        if found is None:
            raise Refusal(HTTPStatus.NOT_FOUND, "no-such-node", f"No organization {org[:60]} was admitted here.")
        return as_json({**found, "as_of": hub.as_of()})

    @routes.get("/quarantine", summary="Refused messages (operators)")
    def quarantine(
        request: Request, page: Annotated[Held, Query()], _operator: Annotated[Reader, Depends(hub.operator)]
    ) -> Response:
        with hub.connect() as connection:
            found = list_quarantine(connection, page.org, page, page.reason)
        items = found[: page.limit]
        return hub.listed(request, Listed(items, items[-1]["number"] if len(found) > page.limit else None))

    @routes.get(
        "/stats", dependencies=[Depends(no_question)],
        summary="Counts of statements, records, exclusions and refusals",
    )  # fmt: skip
    def counts(role: Annotated[Role, Depends(hub.role)]) -> Response:
        with hub.connect() as connection:
            found = stats(connection, hub.counts, hub.tail.size, visible(role))
            signed = checkpoints.newest(connection, quorum=True)
            states = [node["state"] for node in list_nodes(connection, hub.registry(), hub.now())]
        witnesses = hub.registry().witnesses(hub.network)
        checkpoint = None if signed is None else _witnessed(signed, witnesses)
        nodes = {state: states.count(state) for state in sorted(set(states))}
        following = {} if hub.following is None else {"following": hub.following()}
        return as_json({**found, "checkpoint": checkpoint, "nodes": nodes, **following, "as_of": hub.as_of()})

    return routes


def watched(hub: Reading, connection: Connection) -> tuple[list[dict[str, Any]], list[Trouble]]:
    """Give all nodes as operators see them, and what is wrong with the hub itself."""
    senses = hub.operating.senses
    troubles = senses.troubles(connection)
    blind = senses.blind_since(troubles)
    return operators_nodes(connection, hub.registry(), hub.now(), hub.operating.held, blind), troubles


def _witnessed(signed: Signed, witnesses: Witnesses) -> dict[str, Any]:
    """The newest checkpoint with a quorum: where nobody witnesses the log, that is said."""
    by = checkpoints.cosigners(signed.note)
    state = "witnessed" if by else "not witnessed"
    of, needed = len(witnesses.keys), witnesses.quorum
    return {"size": signed.size, "at": signed.at, "state": state, "cosigners": by, "witnesses": of, "quorum": needed}
