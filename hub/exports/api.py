"""Records as files and feeds over HTTP: the same filters and the same visibility as the list of records."""

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, TypeVar

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from hub.access import Role
from hub.api.records import ERASED, absent, gone, is_known
from hub.exports import atom, csv_file, iati, json_feed, json_lines, qr, vcard, xlsx_file
from hub.exports.asked import CONTACT, Activities, Contacts, Newest, file_name, in_a_line, in_words, one_kind
from hub.exports.batches import Item, matching, with_record
from hub.exports.entries import PAGE, Feed, feed_of
from hub.exports.publishers import Publishers
from hub.exports.versions import PAGE as VERSIONS
from hub.exports.versions import Address, Versions, history_feed
from hub.exports.wording import in_language, language_of
from hub.filters import Filters
from hub.outside import place_of
from hub.problem_details import Refusal
from hub.queries import newest_records, record_of
from hub.reading import PRIVATE, Reading, visible
from hub.record_versions import newest_versions
from ui.routes import Routes

MAX_RUNNING: Final = 4
BLOCK: Final = 256 * 1024
T = TypeVar("T")
# What is in the reader's language differs by language, too.
_WORDED: Final = {**PRIVATE, "Vary": f"{PRIVATE['Vary']}, Accept-Language"}


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/api/v1/records", tags=["exports"])
    _add_files(routes, hub, _Running())
    _add_feeds(routes, hub)
    _add_histories(routes, hub)
    _add_cards(routes, hub)
    return routes


def _add_files(routes: Routes, hub: Reading, running: "_Running") -> None:
    def found(request: Request, asked: Filters, role: Role) -> Iterator[list[Item]]:
        return matching(hub, asked, role, lambda: hub.still(request))

    def answer(
        asked: Filters, as_of: str, parts: Iterator[bytes], media: str, suffix: str, headers: dict[str, str] = PRIVATE
    ) -> Response:
        name = file_name(hub.network, asked, as_of, suffix)
        said = {**headers, "Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(running.counted(parts), media_type=media, headers=said)

    @routes.get(".csv", summary="All records by filter as CSV", **_answers("text/csv"))
    def csv(request: Request, asked: Annotated[Filters, Query()], role: Annotated[Role, Depends(hub.role)]) -> Response:
        hub.ready_for(asked)
        lines = csv_file.csv_lines(found(request, asked, role), one_kind(asked))
        return answer(asked, hub.as_of(), lines, csv_file.MEDIA_TYPE, ".csv")

    @routes.get(".jsonl", summary="All records by filter, one to a line", **_answers(json_lines.MEDIA_TYPE))
    def lines(
        request: Request, asked: Annotated[Filters, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> Response:
        hub.ready_for(asked)
        parts = json_lines.json_lines(found(request, asked, role))
        return answer(asked, hub.as_of(), parts, json_lines.MEDIA_TYPE, ".jsonl")

    @routes.get(".xlsx", summary="All records by filter as an Excel workbook", **_answers(xlsx_file.MEDIA_TYPE))
    def xlsx(
        request: Request, asked: Annotated[Filters, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> Response:
        hub.ready_for(asked)
        language = language_of(request)
        about = xlsx_file.About(
            hub.network, hub.as_of(), in_words(asked), str(place_of(request, hub.address).url), language
        )

        def write(path: Path) -> None:
            xlsx_file.write_xlsx(path, found(request, asked, role), one_kind(asked), about, rtl=language == "ar")

        file = running.one(lambda: _written(write))
        headers = {**_WORDED, "Content-Length": str(os.fstat(file.fileno()).st_size)}
        return answer(asked, about.as_of, _blocks(file), xlsx_file.MEDIA_TYPE, ".xlsx", headers)

    @routes.get(".vcf", summary="Contacts by filter as vCard 3.0", **_answers("text/vcard"))
    def vcf(
        request: Request, asked: Annotated[Contacts, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> Response:
        asked = asked.model_copy(update={"kind": [CONTACT]})
        hub.ready_for(asked)
        as_of, known = hub.as_of(), Publishers(hub, role)
        parts = vcard.cards(with_record(found(request, asked, role)), hub.network, known, language_of(request), as_of)
        return answer(asked, as_of, parts, vcard.MEDIA_TYPE, ".vcf", _WORDED)

    @routes.get(".iati.xml", summary="Activities by filter in IATI's form, 2.03", **_answers(iati.MEDIA_TYPE))
    def activities(
        request: Request, asked: Annotated[Activities, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> Response:
        asked = asked.model_copy(update={"kind": ["activity"]})
        hub.ready_for(asked)
        reporting = iati.Reporting(hub.network, Publishers(hub, role), hub.as_of())
        batches = _some(with_record(found(request, asked, role)))
        if batches is None:
            detail = "No activity that you may see meets these filters, and IATI knows no file without an activity."
            raise Refusal(HTTPStatus.NOT_FOUND, "no-activity", detail)
        parts = iati.iati(batches, reporting, in_a_line(asked))
        return answer(asked, reporting.as_of, parts, iati.MEDIA_TYPE, ".iati.xml")


def _fed(request: Request, feed: Feed, media: str, write: Callable[[Feed], bytes]) -> Response:
    # What the entries say; not as of when, or no reader would ever hear that nothing has changed.
    said = [feed.address, feed.language, feed.following, [(entry.item, entry.author) for entry in feed.entries]]
    headers = {**_WORDED, "ETag": f'W/"{hashlib.sha256(orjson.dumps(said)).hexdigest()[:32]}"'}
    if is_known(request, headers["ETag"]):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(write(feed), headers=headers, media_type=media)


def _add_histories(routes: Routes, hub: Reading) -> None:
    def answer(
        request: Request, address: Address, asked: Versions, role: Role, media: str, write: Callable[[Feed], bytes]
    ) -> Response:
        with hub.connect() as connection:
            found = newest_versions(connection, address, visible(role), hub.registry(), asked.before, VERSIONS)
        if found is None:
            raise absent(*address)
        feed = history_feed(
            place_of(request, hub.address), hub.network, address, found, Publishers(hub, role), hub.as_of(),
            language_of(request),
        )  # fmt: skip
        return _fed(request, feed, media, write)

    @routes.get(
        "/{kind}/{org}/{id}/history.atom", summary="The versions of a record as an Atom feed",
        **_answers(atom.MEDIA_TYPE),
    )  # fmt: skip
    def as_atom(
        request: Request, kind: str, org: str, id: str,  # noqa: A002 - the name in the address
        asked: Annotated[Versions, Query()], role: Annotated[Role, Depends(hub.role)],
    ) -> Response:  # fmt: skip
        return answer(request, (kind, org, id), asked, role, atom.MEDIA_TYPE, atom.atom)

    @routes.get(
        "/{kind}/{org}/{id}/history.feed.json", summary="The versions of a record as a JSON Feed",
        **_answers(json_feed.MEDIA_TYPE),
    )  # fmt: skip
    def as_json_feed(
        request: Request, kind: str, org: str, id: str,  # noqa: A002 - the name in the address
        asked: Annotated[Versions, Query()], role: Annotated[Role, Depends(hub.role)],
    ) -> Response:  # fmt: skip
        return answer(request, (kind, org, id), asked, role, json_feed.MEDIA_TYPE, json_feed.json_feed)


def _add_feeds(routes: Routes, hub: Reading) -> None:
    def answer(request: Request, asked: Newest, role: Role, media: str, write: Callable[[Feed], bytes]) -> Response:
        hub.ready_for(asked)
        language, as_of = language_of(request), hub.as_of()
        with hub.connect() as connection:
            found = newest_records(connection, asked, visible(role), hub.now().date(), asked.before, PAGE)
        feed = feed_of(
            place_of(request, hub.address), hub.network, asked, found, Publishers(hub, role), as_of, language
        )
        return _fed(request, feed, media, write)

    @routes.get(".atom", summary="The newest records by filter as an Atom feed", **_answers(atom.MEDIA_TYPE))
    def as_atom(
        request: Request, asked: Annotated[Newest, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> Response:
        return answer(request, asked, role, atom.MEDIA_TYPE, atom.atom)

    @routes.get(".feed.json", summary="The newest records by filter as a JSON Feed", **_answers(json_feed.MEDIA_TYPE))
    def as_json_feed(
        request: Request, asked: Annotated[Newest, Query()], role: Annotated[Role, Depends(hub.role)]
    ) -> Response:
        return answer(request, asked, role, json_feed.MEDIA_TYPE, json_feed.json_feed)


def _add_cards(routes: Routes, hub: Reading) -> None:
    def contact(org: str, id_: str, role: Role) -> dict[str, Any]:
        with hub.connect() as connection:
            found = record_of(connection, (CONTACT, org, id_), visible(role), hub.now().date())
        if found is None or not (found["status"] == ERASED or found["record"]):
            raise absent(CONTACT, org, id_)
        if found["status"] == ERASED:
            raise gone(found)
        return found

    @routes.get("/contact/{org}/{id}.vcf", summary="One contact as vCard 3.0", **_answers("text/vcard"))
    def card(request: Request, org: str, id: str, role: Annotated[Role, Depends(hub.role)]) -> Response:  # noqa: A002
        item = contact(org, id, role)
        text = vcard.card(item, hub.network, Publishers(hub, role), language_of(request), hub.as_of())
        headers = {**_WORDED, "Content-Disposition": f'attachment; filename="{org}-{id}.vcf"'}
        return Response(text, headers=headers, media_type=vcard.MEDIA_TYPE)

    @routes.get("/contact/{org}/{id}.qr.svg", summary="One contact's card as a QR code", **_answers(qr.MEDIA_TYPE))
    def code(request: Request, org: str, id: str, role: Annotated[Role, Depends(hub.role)]) -> Response:  # noqa: A002
        item, language = contact(org, id, role), language_of(request)
        title = in_language(item["record"]["name"], language)[1]
        drawn = qr.qr_svg(vcard.small_card(item, Publishers(hub, role), language), title[:200])
        return Response(drawn, headers=_WORDED, media_type=qr.MEDIA_TYPE)


def _answers(media: str) -> Any:
    """Describe an answer that is not JSON."""
    found = {HTTPStatus.OK.value: {"content": {media: {"schema": {"type": "string"}}}, "description": "The file."}}
    return {"response_class": Response, "responses": found}


def _some(batches: Iterator[T]) -> Iterator[T] | None:
    """Give the same batches; None if there is none."""
    for first in batches:

        def with_first(first: T = first) -> Iterator[T]:
            yield first
            yield from batches

        return with_first()
    return None


def _written(write: Callable[[Path], None]) -> BinaryIO:
    """Write a file in a folder of its own, and give it open: its name is gone before the first byte is sent."""
    with tempfile.TemporaryDirectory(prefix="liaison-export-") as folder:
        path = Path(folder) / "export"
        write(path)
        return path.open("rb")


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


class _Running:
    """Bounds how many files are written at once: each keeps a thread and the database busy."""

    def __init__(self) -> None:
        self._running = 0
        self._lock = threading.Lock()

    def counted(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        """Count a file while it is read; too many are refused before they begin."""
        self._check()

        def counting() -> Iterator[bytes]:
            self._count(1)
            try:
                yield from parts
            finally:
                self._count(-1)

        return counting()

    def one(self, make: Callable[[], T]) -> T:
        """Count what is made before its first byte is sent."""
        self._check()
        self._count(1)
        try:
            return make()
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._running += change

    def _check(self) -> None:
        if self._running >= MAX_RUNNING:
            detail = f"{MAX_RUNNING} exports run already. Try again in a minute."
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-exports", detail, headers={"Retry-After": "60"})
