"""Asks a network's index as readers do: brought to the end of the log first."""

from typing import Any

from hub import search
from hub.access import VISIBLE, Role
from hub.filters import Filters
from hub.finding.facet_counts import Facets, count_facets
from hub.finding.listing import find
from tests.hub.published import Published
from wire.database import reading


def counted(network: Published, reader: Role = Role.PUBLIC, /, **asked: Any) -> Facets:
    """Count facets."""
    search.catch_up(reading(network.engine), network.tail.size)
    with reading(network.engine).connect() as connection:
        return count_facets(connection, Filters.model_validate(asked), VISIBLE[reader])


def found(network: Published, reader: Role = Role.PUBLIC, /, *, behind: bool = False, **asked: Any) -> list[int]:
    """Find log indices; `behind`: without reading the rest of the log first."""
    if not behind:
        search.catch_up(reading(network.engine), network.tail.size)
    with reading(network.engine).connect() as connection:
        return find(connection, Filters.model_validate(asked), VISIBLE[reader], -1, 500)
