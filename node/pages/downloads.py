"""Files to take away: empty templates, the records that a filter finds, and an upload with its bad cells marked."""

import io
from collections.abc import Callable, Iterator
from typing import Any, Final

from babel import Locale
from fastapi import Request
from starlette.responses import Response

from node.batch_import import mapping_of
from node.edit import ENDED
from node.importing.marked import MAX_KEPT_CELLS, marked_copy
from node.importing.rows import BadRow, ImportFileError
from node.importing.workbook_check import check_workbook
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.grid_asked import read_asked
from node.pages.import_steps import batch_of
from node.refusal import Refusal
from node.store.batches import Batch
from node.workbooks import MAX_RECORDS, Words, write_csv, write_workbook
from people.vocabulary import VOCABULARY
from schemas.entry import to_entry
from schemas.records import KINDS
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from ui.labels import Labels
from ui.languages import direction
from ui.pages import Pages
from ui.routes import Routes

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the addresses of the files."""
    routes = Routes(include_in_schema=False)
    node = desk.node

    @routes.get("/import/template/{kind}.xlsx")
    def template(request: Request, kind: str) -> Response:
        visitor_of(desk, request)
        return template_file(pages, request, kind)

    @routes.get("/records.xlsx")
    def as_workbook(request: Request) -> Response:
        return workbook_file(desk, pages, request, visitor_of(desk, request))

    @routes.get("/records.csv")
    def as_csv(request: Request) -> Response:
        return csv_file(desk, request, visitor_of(desk, request))

    @routes.get("/import/{number:int}/marked.xlsx")
    def marked(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER, Role.REVIEWER)
        say = pages.sentences(request.state.language).plain
        return marked_file(desk, batch_of(node, visitor, number), say)

    return routes


def _words(pages: Pages, request: Request) -> Words:
    """Give the words of the language in which the page was asked for."""
    tag = request.state.language

    def say(text: str) -> str:
        return pages.gettext(request, text)

    labels = Labels(VOCABULARY, tag, say)

    def label(scheme: str, code: str) -> str:
        return labels.place_text(code) if scheme in {"country", "region"} else labels.label_text(scheme, code)

    def language(name: str) -> str:
        return Locale.parse(name).get_display_name(tag) or name

    languages = ["en"] if tag == "en" else [tag, "en"]
    return Words(labels.field, label, language, say, languages, direction(tag) == "rtl")


def template_file(pages: Pages, request: Request, kind: str) -> Response:
    """Give an empty workbook of a kind, with drop-downs; Refusal if there is no such kind."""
    if kind not in KINDS:
        raise Refusal("not-found", N_("There is no such kind of record."))
    out = io.BytesIO()
    write_workbook(kind, [], _words(pages, request), kind, out)
    return _file(out.getvalue(), XLSX, f"{kind}-template.xlsx")


def workbook_file(desk: Desk, pages: Pages, request: Request, visitor: Visitor) -> Response:
    """Give the records that the address asks for as a workbook."""
    kind, entries = _found(desk, request, visitor)
    out = io.BytesIO()
    try:
        write_workbook(kind, entries, _words(pages, request), kind, out)
    except ValueError as error:
        raise Refusal("too-large", str(error)) from None
    return _file(out.getvalue(), XLSX, f"{kind}-records.xlsx")


def csv_file(desk: Desk, request: Request, visitor: Visitor) -> Response:
    """Give the records that the address asks for as csv."""
    kind, entries = _found(desk, request, visitor)
    out = io.BytesIO()
    write_csv(kind, entries, out)
    return _file(out.getvalue(), CSV, f"{kind}-records.csv")


def _found(desk: Desk, request: Request, visitor: Visitor) -> tuple[str, list[dict[str, Any]]]:
    """Give the kind and the records that the address asks for."""
    asked, problems = read_asked(request.query_params)
    if problems or len(asked.kind) != 1:
        raise Refusal("schema-invalid", N_("Choose one kind in the list of records, then download them."))
    addresses = desk.node.grid.addresses(asked, desk.now().date(), MAX_RECORDS + 1)
    if len(addresses) > MAX_RECORDS:
        text = N_(
            "A file takes {limit} records, and more are found. Choose fewer by the filters, or have an administrator "
            "run liaison-node export, which takes any number."
        )
        raise Refusal("too-large", sentence(text, limit=MAX_RECORDS))
    desk.acts.note(visitor, "records.downloaded", asked.kind[0], f"{len(addresses)} records")
    return asked.kind[0], list(_entries(desk, asked.kind[0], [record_id for _, record_id in addresses]))


def marked_file(desk: Desk, batch: Batch, say: Callable[[str], str] = str) -> Response:
    """Give an upload back with its bad cells marked; Refusal if there are none. `say` puts reasons into a language."""
    report, path = desk.node.uploads.report(batch.number), desk.node.uploads.file(batch.number)
    if not report or not report["bad"] or not path.is_file():
        raise Refusal("not-found", N_("No cell of this file is bad."))
    cells = check_workbook(path).cells if batch.work["format"] == "xlsx" else MAX_KEPT_CELLS + 1
    bad = [BadRow(each["row"], each["column"], each["found"], say(each["reason"])) for each in report["bad"]]
    try:
        data = marked_copy(path, mapping_of(batch.work), bad, cells)
    except ImportFileError as error:
        raise Refusal("schema-invalid", str(error)) from None
    return _file(data, XLSX, f"import-{batch.number}-marked.xlsx")


def _entries(desk: Desk, kind: str, ids: list[str]) -> Iterator[dict[str, Any]]:
    """Give the records at these ids as entries, in this order."""
    stood = desk.node.grid.records(kind, ids)
    for record_id in ids:
        kept = stood.get(record_id)
        if kept is not None and kept.state not in ENDED:  # what has ended would begin anew when the file comes back
            yield to_entry(kind, record_id, kept.marking, kept.record, kept.recipients)


def _file(data: bytes, media_type: str, name: str) -> Response:
    return Response(data, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=media_type)
