"""The matrix as a page: needs and help by State and theme, rolled up, compared, and what is behind a cell."""

from typing import Final

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from hub.filters import Asked, PlaceFilter, ThemeFilter, places_of, themes_of
from hub.finding.behind import behind
from hub.matrix import State
from hub.matrix_since import before
from hub.matrix_table import Axis, MatrixAsked, Scheme, matrix
from hub.pages.asking import ask
from hub.reading import Reading, visible
from schemas.codelists import THEME_SCHEMES, scheme
from ui.languages import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

AXES: Final = {"place": N_("States"), "region": N_("Regions"), "provider": N_("Providers"), "theme": N_("Themes")}
LEGEND: Final = {
    State.GAP: N_("somebody asks, and nobody covers it"),
    State.PARTLY: N_("some of the open needs are answered"),
    State.COVERED: N_("somebody asks, and somebody covers it"),
    State.UNREQUESTED: N_("somebody covers it, and nobody asks"),
    State.POSSIBLE_DUPLICATION: N_("two do the same at the same time, and nothing joins them"),
}


class MatrixPage(MatrixAsked):
    """The matrix's filters with those that a form has beside them."""

    rows: Axis = Field("region", description="What the rows are.")
    only_gaps: bool = Field(default=False, description="Only gaps.")

    def question(self) -> MatrixAsked:
        """Give what is asked of the matrix."""
        given = {name: getattr(self, name) for name in MatrixAsked.model_fields}
        return MatrixAsked.model_construct(**given | ({"state": [State.GAP]} if self.only_gaps else {}))


class CellAsked(Asked):
    """A cell: a place or region, a theme, and perhaps one provider."""

    place: PlaceFilter = Field([], description="Country or region.")
    scheme: Scheme = Field("theme_1373", description="The code list of the theme.")
    theme: ThemeFilter = Field([], description="Theme: scheme:code; all of the list without one.")
    provider: str | None = Field(None, max_length=120, description="Organization that provides.")


def router(hub: Reading, pages: Pages) -> Routes:
    """Give the pages' addresses."""
    routes = Routes(include_in_schema=False)

    @routes.get("/matrix")
    def table(request: Request) -> Response:
        markings = visible(hub.role(request))
        asked, said = ask(request, MatrixPage)
        problems = list(said.problems)
        names = {name: member.name for name, member in hub.registry().members.items()}
        question = asked.question()
        hub.ready_for_matrix(question.scheme, question.places, question.codes)
        with hub.connect() as connection:
            earlier = before(connection, question, markings, hub.cells)
            if earlier.problem:
                message = pages.gettext(request, earlier.problem)
                problems.append({"field": "since", "message": message})
            found = matrix(connection, question, markings, names, hub.cells, earlier.cells)
        cells = {(cell["row"], cell["column"]): cell for cell in found["cells"]}
        return pages.render(
            request, "matrix.html", 422 if problems else 200,
            asked=asked, found=found, cells=cells, problems=problems, axes=AXES, legend=LEGEND, earlier=earlier,
            schemes=[(name, scheme(name).title) for name in THEME_SCHEMES], query=question.query(), as_of=hub.as_of(),
        )  # fmt: skip

    @routes.get("/matrix/cell")
    def cell(request: Request) -> Response:
        markings = visible(hub.role(request))
        asked, said = ask(request, CellAsked)
        with hub.connect() as connection:
            found = behind(
                connection, places_of(asked.place) if asked.place else None, asked.scheme,
                [theme.code for theme in themes_of(asked.theme)], asked.provider, markings,
            )  # fmt: skip
        return pages.render(
            request, "matrix_cell.html", said.status,
            asked=asked, found=found, problems=said.problems, as_of=hub.as_of(),
        )  # fmt: skip

    return routes
