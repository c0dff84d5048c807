"""The API's description beyond its addresses: forms of answers, problems, headers; and the kinds of records."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from node.api.forms import PEOPLE_FORMS, body_schemas
from node.problem_details import MEDIA_TYPE
from schemas.json_schema import model_schema
from schemas.records import KINDS
from schemas.release import MARKINGS

Json = dict[str, Any]
_TEXT: Final = {"type": "string"}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_MAYBE_NUMBER: Final = {"type": ["integer", "null"]}
_MAYBE_OBJECT: Final = {"type": ["object", "null"]}
_ETAG: Final = "Names the version (before the full stop) and how far it has come; If-Match compares the version only."
_MEANINGS: Final[Mapping[int, str]] = {
    304: "It stands as one of the ETags says.",
    400: "The request cannot be read.",
    401: "A valid token is needed.",
    403: "This is not for the one whose token was sent.",
    404: "There is no such thing here.",
    409: "It does not fit how the node stands.",
    412: "It is not the version that was named.",
    413: "The body has more than 512 KiB.",
    422: "What was sent, or the change, is not valid; `errors` says why, field by field.",
    428: "The version that was seen must be named: If-Match.",
    429: "Too many idempotency keys.",
}

_TAGS: Final = {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$', "maxLength": 4000}
_HEADERS: Final[Mapping[str, Json]] = {
    "If-Match": {
        "description": "ETags: 412 if none of them names the version that stands.",
        "schema": _TAGS,
        "example": "*",
    },
    "If-None-Match": {"description": "ETags, or `*` for any: for what is not as they say.", "schema": _TAGS},
    "Idempotency-Key": {
        "description": "The same request with the same key within 24 hours changes nothing and is answered the same.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
}


def answers(
    form: str | None, *problems: int, status: int = 200, tagged: bool = False, replayed: bool = False,
    created: bool = False,
) -> dict[int | str, Json]:  # fmt: skip
    """Describe what an address answers: this form (None: no body), and these problems beside those of every address."""
    headers: Json = {}
    if tagged:
        headers["ETag"] = _header(_ETAG)
    if replayed:
        headers["Idempotency-Replayed"] = _header("`true` if this was done before for the same Idempotency-Key.")
    if created:
        headers["Location"] = _header("The address of what was made.")
    content = {} if form is None else {"content": {"application/json": {"schema": _ref(form)}}}
    good: Json = {"description": HTTPStatus(status).phrase, **content}
    described: dict[int | str, Json] = {status: {**good, **({"headers": headers} if headers else {})}}
    for each in (401, 403, *problems):
        described[each] = {"description": _MEANINGS[each], **({} if each == 304 else _problem())}
    described[401]["headers"] = {"WWW-Authenticate": _header("Bearer")}
    if 304 in described:
        described[304]["headers"] = {"ETag": _header(_ETAG)}
    described["default"] = {"description": "A problem that any address may have.", **_problem()}
    return described


def file_answers(media_type: str, *problems: int) -> dict[int | str, Json]:
    """Describe what an address answers that gives a file."""
    described = answers(None, *problems)
    described[200]["content"] = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return described


def file_body() -> Json:
    """Describe a request whose body is a file, of whatever type."""
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}}
    return {"requestBody": {"required": True, "content": content}}


def body_of(form: str) -> Json:
    """Describe the body of a request."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _ref(form)}}}}


def headers_of(*names: str, needed: bool = False) -> Json:
    """Describe headers that a request may have, or must; they are read from the request itself."""
    return {"parameters": [{"name": name, "in": "header", "required": needed, **_HEADERS[name]} for name in names]}


def describe(app: FastAPI) -> None:
    """Let the application give its description with all of this in it; drawn once."""

    def drawn() -> Json:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes,
                description="Errors are problem details (RFC 9457). Every address below /api/v1 needs a token.",
            )  # fmt: skip
            _complete(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = drawn  # type: ignore[method-assign] # FastAPI's own way to extend the description


def _complete(document: Json) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_FORMS)
    schemas.update(PEOPLE_FORMS)
    schemas.update(body_schemas())
    schemas.update(_entries())
    for operations in document["paths"].values():
        for operation in operations.values():
            if "default" not in operation["responses"]:
                operation["responses"]["default"] = {"description": "A problem.", **_problem()}
            operation["responses"].pop("422", None) if "HTTPValidationError" in str(
                operation["responses"].get("422")
            ) else None
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def _entries() -> Json:
    found: Json = {}
    beside = {
        "id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"},
        "marking": {"enum": list(MARKINGS)},
        "recipients": {"type": "array", "items": _TEXT, "maxItems": 99, "uniqueItems": True},
    }
    for kind, model in KINDS.items():
        drawn = model_schema(model, "#/components/schemas/{model}")
        found.update(drawn.pop("$defs", {}))
        drawn["properties"] = {"kind": {"const": kind}, **beside, **drawn["properties"]}
        if kind == "finding":
            drawn["properties"]["derived_from"] = {"type": "array", "items": _TEXT}
        drawn["required"] = ["kind", *(() if kind == "finding" else ("marking",)), *drawn.get("required", ())]
        found[f"{kind}-entry"] = drawn
    found["Entry"] = {
        "oneOf": [_ref(f"{kind}-entry") for kind in KINDS],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {kind: f"#/components/schemas/{kind}-entry" for kind in KINDS},
        },
    }
    found["EntryAtAddress"] = {
        "type": "object",
        "description": "An Entry; kind and id may be left out, as the address gives them.",
        "properties": {"kind": {"enum": list(KINDS)}, **beside},
    }
    return found


def _header(description: str) -> Json:
    return {"description": description, "schema": {"type": "string"}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _problem() -> Json:
    return {"content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}


def _form(description: str, **properties: Any) -> Json:
    return {"type": "object", "description": description, "required": list(properties), "properties": properties}


def _with_optional(form: Json, **properties: Json) -> Json:
    return {**form, "properties": {**form["properties"], **properties}}


def _list(name: str) -> Json:
    return {"type": "array", "items": _ref(name)}


_STEPS: Final = ("saved", "signed", "sent", "logged", "witnessed", "in_view")
_RECORD: Final = {
    "kind": {"enum": list(KINDS)}, "org": _TEXT, "id": _TEXT, "marking": {"enum": list(MARKINGS)},
    "record": _MAYBE_OBJECT, "statement": _MAYBE_TEXT, "index": _MAYBE_NUMBER,
}  # fmt: skip
_FORMS: Final[Mapping[str, Json]] = {
    "Problem": {
        **_form("RFC 9457.", type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT),
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "reason": {"type": "string", "description": "A word of the contract, or of this node."},
            "errors": {
                "type": "array",
                "items": _form("One field.", pointer=_TEXT, detail=_TEXT, found={}, allowed={}),
            },
        },
    },
    "Record": _with_optional(
        _form(
            "One own record, and how far it has come.", **_RECORD, sequence=_MAYBE_NUMBER, published=_MAYBE_TEXT,
            freshness=_MAYBE_TEXT, status={"enum": ["current", "local", "withdrawn", "erased"]},
            progress={"enum": ["local", "waiting", "sealed", "sent", "logged", "witnessed", "delivered"]},
        ),
        delivery=_form(
            "Which steps its last change has taken, its place in the log as read or as the hub has told, and when it "
            "took each; none: not yet, or no time was kept. Not of what is erased.",
            **{step: {"type": "boolean"} for step in _STEPS}, index=_MAYBE_NUMBER,
            times=_form("This node's clock.", **dict.fromkeys(_STEPS, _MAYBE_TEXT)),
        ),
    ),
    "RecordPage": _form("A page.", items=_list("Record"), next=_MAYBE_NUMBER, as_of=_TEXT),
    "Change": _form(
        "What became of a change.", kind=_TEXT, id=_TEXT,
        outcome={
            "enum": ["published", "revised", "confirmed", "withdrawn", "waiting", "unchanged", "local", "dropped",
                     "erased", "forgotten"]
        },
        sequence=_MAYBE_NUMBER, record={"anyOf": [_ref("Record"), {"type": "null"}]},
    ),
    "Letter": _form(
        "What another organization has written to this one.", **_RECORD, readers={"type": "array", "items": _TEXT},
        published=_TEXT, status={"enum": ["current", "withdrawn", "superseded"]},
        read={**_MAYBE_OBJECT, "description": "When a person first opened it (`at`), and who (`by`)."},
    ),
    "LetterPage": _form("A page.", items=_list("Letter"), next=_MAYBE_NUMBER, as_of=_TEXT),
    "Match": _form(
        "An open need; `matches`: addresses of own offers and priorities; `answered_by`: of own records that answer it "
        "already; `letter`: index of the letter that brought it, none if the hub shows it.",
        kind={"const": "need"}, org=_TEXT, id=_TEXT, marking=_RECORD["marking"], record={"type": "object"},
        matches={"type": "array", "items": _TEXT}, answered_by={"type": "array", "items": _TEXT}, letter=_MAYBE_NUMBER,
    ),
    "Matches": _form(
        "Needs, and why the hub could not be asked, if so (`not-asked`: the settings name none); `more`: there are "
        "others, or own offers and priorities, that were not compared.",
        items=_list("Match"), hub_trouble=_MAYBE_TEXT, more={"type": "boolean"}, as_of=_TEXT,
    ),
    "Audience": _form("Who can read a record.", reads=_TEXT, organizations={"type": "array"}),
    "Erasure": _form(
        "An order to erase.", sequence={"type": "integer"}, order=_TEXT, kind=_TEXT, id=_TEXT, confirmed={}, missing={}
    ),
    "ErasurePage": _form("All orders.", items=_list("Erasure"), as_of=_TEXT),
    "Status": _form(
        "How far everything has come.", organization=_TEXT, network=_MAYBE_TEXT, as_of=_TEXT, alarm=_MAYBE_OBJECT,
        records={"type": "object"}, sealed={"type": "integer"}, sent={"type": "integer"}, logged={"type": "integer"},
        bus={"type": "object"}, hub={"type": "object"}, outbox={"type": "object"},
    ),
}  # fmt: skip
