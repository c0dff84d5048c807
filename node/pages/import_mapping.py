"""The step of the import in which columns become fields; each mapping is remembered by the name of its source."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from node.forms import now_text
from node.importing.headers import Column, columns_of
from node.importing.mapping import Mapping as FileMapping
from node.importing.mapping import load_mapping
from node.importing.mapping_text import as_toml, document_of
from node.importing.rows import ImportFileError
from node.importing.targets import (
    constants_asked,
    guessed,
    guessed_key,
    made_mapping,
    read_constants,
    source_of,
    targets_of,
)
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import fields, go_to
from node.pages.import_steps import batch_of, check
from node.refusal import Refusal
from node.store.batches import CHECKED, MAPPING, Batch, Remembered
from node.store.drafts import TooMany
from schemas.records import KINDS
from schemas.release import FOR_NAMED, MARKINGS
from schemas.sentences import gettext_noop as N_
from ui.pages import Pages
from ui.routes import Routes

MAX_FIELDS: Final = 500
MAX_BYTES: Final = 200_000
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the addresses of the step, and of the mappings."""
    routes = Routes(include_in_schema=False)
    node = desk.node

    @routes.get("/import/{number:int}/map")
    def map_columns(request: Request, number: int, kind: str = "") -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        batch = to_map(desk, visitor, number)
        try:
            return _show(desk, pages, request, batch, {"kind": [kind]})
        except ImportFileError as error:
            raise Refusal("schema-invalid", str(error)) from None

    @routes.post("/import/{number:int}/map")
    async def mapped(request: Request, number: int) -> Response:
        visitor = visitor_of(desk, request, Role.OFFICER)
        given: dict[str, list[str]] = {}
        for name, value in await fields(request, MAX_BYTES, MAX_FIELDS):
            given.setdefault(name, []).append(value)

        def work() -> Response:
            batch = to_map(desk, visitor, number)
            try:
                _map(desk, visitor, batch, given)
            except (ImportFileError, ValueError, TooMany) as error:
                return _show(desk, pages, request, node.batches.one(number) or batch, given, said(error))
            return go_to(request, f"/import/{number}")

        return await run_in_threadpool(work)

    return routes


def _show(
    desk: Desk, pages: Pages, request: Request, batch: Batch, given: Mapping[str, Sequence[str]], problem: str = ""
) -> Response:
    """Ask for the fields of the columns, as they were chosen before or can be guessed."""
    node, work = desk.node, batch.work
    columns = columns_found(desk, batch)
    names = [column.name for column in columns]

    def first(name: str, usual: str = "") -> str:
        return next(iter(given.get(name, ())), usual)

    kind = first("kind") if first("kind") in KINDS else _likely_kind(names)
    chosen = _chosen(columns, given) if "source" in given else guessed(kind, names)
    return pages.render(
        request, "import_map.html", HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK, batch=batch,
        columns=columns, kind=kind, kinds=list(KINDS), targets=targets_of(kind), chosen=chosen, given=given,
        markings=MARKINGS, constants=constants_asked(kind, chosen.values()),
        source=first("source", source_of(work["name"])), key=first("key", guessed_key(names)),
        marking=first("marking", "TLP:GREEN"), recipients=first("recipients"),
        organization=node.settings.organization,
        problems=[{"field": "", "message": pages.said(request, problem)}] if problem else [],
        fitting=[each for each in node.batches.remembered() if each.columns == names],
    )  # fmt: skip


def to_map(desk: Desk, visitor: Visitor, number: int) -> Batch:
    """Give an upload of one's own whose columns can be mapped now; Refusal `not-found`."""
    batch = batch_of(desk.node, visitor, number)
    if batch.owner != visitor.number or batch.state not in {MAPPING, CHECKED} or batch.work.get("own"):
        raise Refusal("not-found", N_("The columns of this file cannot be mapped now."))
    return batch


def remembered_as(desk: Desk, name: str) -> Remembered:
    """Give the mapping of a name; Refusal `not-found`."""
    found = next((each for each in desk.node.batches.remembered() if each.name == name), None)
    if found is None:
        raise Refusal("not-found", N_("There is no such mapping."))
    return found


def _likely_kind(names: Sequence[str]) -> str:
    return max(KINDS, key=lambda kind: sum(bool(target) for target in guessed(kind, names).values()))


def _chosen(columns: Sequence[Column], given: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {
        column.name: next(iter(given.get(f"column.{place}", ())), "") for place, column in enumerate(columns)
    }  # fmt: skip


def _map(desk: Desk, visitor: Visitor, batch: Batch, given: Mapping[str, Sequence[str]]) -> None:
    """Make or take the mapping, remember it, and check the file by it."""
    columns = columns_found(desk, batch)
    if given.get("do") == ["use"]:
        document = document_of(read_mapping(remembered_as(desk, next(iter(given.get("name", ())), "")).toml))
    else:
        document = _made(columns, given)
    read_by(desk, visitor, batch, document, [column.name for column in columns])


def columns_found(desk: Desk, batch: Batch) -> list[Column]:
    """Give the columns of an upload, with examples."""
    work = batch.work
    return columns_of(desk.node.uploads.file(batch.number), work["format"], work.get("delimiter", ","))


def read_by(desk: Desk, visitor: Visitor, batch: Batch, document: dict[str, Any], columns: list[str]) -> None:
    """Check an upload by a mapping, and remember it; ImportFileError, TooMany or ValueError say what is wrong."""
    node, work = desk.node, batch.work
    document = {name: value for name, value in document.items() if name not in {"format", "delimiter", "sheet", "path"}}
    document["format"] = work["format"]
    if work["format"] == "csv":
        document["delimiter"] = work["delimiter"]
    mapping = FileMapping.model_validate(document)
    if mapping.history is not None:
        raise ImportFileError(N_("This mapping reads a history of changes: import it with liaison-node import."))
    batch = node.batches.change(batch, work={**work, "mapping": document_of(mapping)})
    check(desk, batch)
    remember(desk, visitor, mapping, columns)


def _made(columns: Sequence[Column], given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    kind, marking = (next(iter(given.get(name, ())), "") for name in ("kind", "marking"))
    if kind not in KINDS:
        raise ValueError("choose the kind of the records")
    chosen = {column: target for column, target in _chosen(columns, given).items() if target}
    source = next(iter(given.get("source", ())), "").strip()
    if not _NAME.fullmatch(source) or len(source) > 64:
        raise ValueError("the name of the source has small letters, digits and hyphens, at most 64")
    keys = [each for each in given.get("key", ()) if any(each == column.name for column in columns)]
    if not keys:
        raise ValueError("choose the column that tells one record from another")
    if not chosen:
        raise ValueError("choose a field for at least one column")
    sent = {name.removeprefix("field."): values for name, values in given.items() if name.startswith("field.")}
    recipients = next(iter(given.get("recipients", ())), "").replace(",", " ").split()
    beside: dict[str, Any] = {"source": source, "marking": marking, "key": keys}
    if marking in FOR_NAMED:
        beside["recipients"] = recipients
    return made_mapping(kind, chosen, read_constants(kind, sent), beside)


def remember(desk: Desk, visitor: Visitor, mapping: FileMapping, columns: list[str]) -> None:
    """Keep a mapping under the name of its source."""
    toml = as_toml(document_of(mapping))
    read_mapping(toml)  # what cannot be read again is not kept
    note = desk.acts.noted(visitor, "mapping.remembered", mapping.source)
    desk.node.batches.remember(Remembered(mapping.source, toml, columns, now_text(desk.now()), visitor.name), note)


def forget(desk: Desk, visitor: Visitor, name: str) -> None:
    """Delete a mapping; Refusal `not-found`."""
    desk.node.batches.forget(remembered_as(desk, name).name, desk.acts.noted(visitor, "mapping.forgotten", name))


def read_mapping(toml: str) -> FileMapping:
    """Read a mapping as it was kept or sent; ImportFileError says what is wrong with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mapping.toml"
        path.write_text(toml, encoding="utf-8")
        try:
            return load_mapping(path)
        except ImportFileError as error:
            raise ImportFileError(str(error).replace(f"{path}: ", "")) from None


def said(error: Exception) -> str:
    """Say in one line what is wrong with a file or a mapping."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())[:500]
    return str(error)[:500]
