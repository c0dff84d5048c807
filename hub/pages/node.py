"""The page of one node: what the hub sees, since when, what was refused, what operators noted and did."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import Response

from hub.api.network import watched
from hub.filters import Held
from hub.node_queries import list_quarantine, refused_by_reason
from hub.operating import acts
from hub.operating.deeds import list_notes
from hub.operating.nodes import SHOWN_DAYS
from hub.operating.watching import history
from hub.pages.acts import WORDS
from hub.pages.charts import by_hour, over_time
from hub.pages.network_health import KEEP_NOTHING
from hub.problem_details import Refusal
from hub.reading import Reading
from schemas.sentences import sentence
from ui.pages import Pages
from ui.routes import Routes
from wire.reasons import EXPLANATIONS

SHOWN_REFUSALS = 20


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the page's address."""
    routes = Routes(include_in_schema=False)

    @routes.get("/sync/{org}")
    def node(request: Request, org: str) -> Response:
        hub.operator(request)
        now = hub.now()
        begin = now - timedelta(days=SHOWN_DAYS)
        with hub.connect() as connection:
            nodes, troubles = watched(hub, connection)
            found = next((each for each in nodes if each["org"] == org), None)
            if found is None:
                raise Refusal(
                    HTTPStatus.NOT_FOUND,
                    "no-such-node",
                    sentence("No organization {org} was admitted here.", org=org[:60]),
                )
            done = request.query_params.get("done")
            context: dict[str, Any] = {
                "timeline": history(connection, org, begin)[::-1],
                "causes": refused_by_reason(connection, org),
                "refused": list_quarantine(connection, [org], Held(limit=SHOWN_REFUSALS)),
                "notes": list_notes(connection, org),
                "trail": acts.list_acts(connection, organization=org, limit=50),
                "done": acts.of_form(connection, done[:64]) if done else None,
            }
        return pages.render(
            request, "node.html", headers=KEEP_NOTHING, node=found, troubles=troubles, as_of=hub.as_of(),
            told=hub.operating.told(org), explanations={str(each): EXPLANATIONS[each] for each in EXPLANATIONS},
            hours=by_hour, days=over_time(found["states"], begin, now, ""), words=WORDS, **context,
        )  # fmt: skip

    return routes
