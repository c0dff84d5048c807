"""What addresses of the API have in common: documents read and written, records found, parameters known."""

from collections import Counter
from collections.abc import Collection
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import Response

from node import forms
from node.node import Node
from node.problem_details import UNUSABLE
from node.refusal import Refusal
from node.store import Stood
from node.versions import entity_tag, version_of
from schemas.problems import MAX_PROBLEMS, Problem, problem_from
from schemas.records import KINDS
from schemas.statement import is_record_id

Json = dict[str, Any]
Form = TypeVar("Form", bound=BaseModel)
Number = Annotated[int, Path(ge=1, le=2**53, description="Its number.", examples=[1])]


class Sent(BaseModel):
    """What a request may have in its body: these members, of these types, and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


def json_answer(document: Any, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Response:
    """Write a document."""
    return Response(orjson.dumps(document), status, headers, media_type="application/json")


def read_document(body: bytes) -> Json:
    """Read a body that must be one JSON object; HTTPException 400 otherwise."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"The body is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise HTTPException(400, "The body must be one JSON object, such as a record with its kind and marking.")
    return document


async def sent(request: Request) -> bytes:
    """Give the body, for addresses that are no coroutines."""
    return await request.body()


Body = Annotated[bytes, Depends(sent)]


def read_as(form: type[Form], body: bytes) -> Form:
    """Read a body of this form; Refusal `schema-invalid` with what is wrong, field by field."""
    try:
        return form.model_validate(read_document(body))
    except ValidationError as error:
        found = tuple(problem_from(each) for each in error.errors()[:MAX_PROBLEMS])
        raise Refusal("schema-invalid", "What was sent is not valid; nothing was done.", found) from None


def known_parameters(given: QueryParams, *known: str, several: Collection[str] = ()) -> None:
    """Refuse a parameter that is none, or that is given twice and takes one value; it would be answered wrongly."""
    counts = Counter(name for name, _ in given.multi_items())
    allowed = ", ".join(known) or "none"
    problems = [
        Problem(f"/{name[:80]}", f"is no parameter here; there are {allowed}", "", allowed)
        if name not in known else Problem(f"/{name}", "has several values and takes one", str(count), "one value")
        for name, count in sorted(counts.items()) if name not in known or (count > 1 and name not in several)
    ]  # fmt: skip
    if problems:
        raise Refusal(UNUSABLE, f"{problems[0].pointer[1:]} {problems[0].message}", tuple(problems))


def address_of(kind: str, record_id: str) -> tuple[str, str]:
    """Give the address of a record; Refusal for what can be none."""
    if kind not in KINDS or not is_record_id(record_id):
        raise Refusal("not-found", f"{kind[:40]}/{record_id[:80]} is not a record of this node")
    return kind, record_id


def found(node: Node, kind: str, record_id: str) -> tuple[Json, str]:
    """Give a record's form and its ETag; Refusal if there is none."""
    stood = node.reading.record(*address_of(kind, record_id))
    if stood is None:
        raise Refusal("not-found", f"{kind}/{record_id} is not a record of this node")
    form = forms.record_form(stood, node.settings.organization)
    return form, tag_of(stood, form)


def tag_of(stood: Stood, form: Json) -> str:
    """Give the ETag of a record's form."""
    return entity_tag(version_of(stood.kept, stood.hash), form)
