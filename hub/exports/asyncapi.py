"""The ways in which the hub tells what is logged, as an AsyncAPI 3.0 document drawn from the models."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from hub.cloudevents import CONTENT_TYPE
from hub.filters import Filters, Live
from hub.streams import STREAMS
from schemas.body import Withdrawal
from schemas.fields import KIND_NAMES
from schemas.json_schema import model_schema
from schemas.records import KINDS
from schemas.release import CIRCULATING, slug
from schemas.statement import CONTROL, CONTROL_TYPES, ORG_PATTERN, RECORD_ACTIONS, Statement
from wire import subjects

Json = dict[str, Any]
VERSION: Final = "3.0.0"
NATS_BINDING: Final = "0.1.0"
HTTP_BINDING: Final = "0.3.0"
_SCHEMAS: Final = "#/components/schemas/"
_LOG: Final = next(plan for plan in STREAMS if plan.name == subjects.LOG_STREAM)
_WORDS: Final = (*KIND_NAMES, CONTROL)
_DATA: Final = "The event's body; absent where it was left out of the view, was erased, or is for named readers only."
_EXAMPLE_RECORD: Final = {
    "requester": "ke-nctc",
    "beneficiary": {"country": "KEN"},
    "themes": [{"scheme": "theme_1373", "code": "2.10"}],
    "title": {"en": "Document readers for border posts"},
    "description": {"en": "Seven of nine posts have no reader."},
    "assistance_modes": ["equipment"],
    "origin": "assessment",
    "need_status": "submitted",
    "consent_to_circulate": True,
    "consent_to_publish": True,
}


def asyncapi(network: str, host: str, protocol: str) -> Json:
    """Give the document; `host` and `protocol` say where this hub is reached over HTTP."""
    return {
        "asyncapi": VERSION,
        "id": f"https://{network}/",
        "info": {
            "title": f"Liaison hub of {network}",
            "version": "1",
            "description": "Every event of the network's log, in order, as it is logged. What a reader may not see "
            "does not come. The index of an event in the log is the cursor with which to go on.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "hub": {"host": host, "protocol": protocol, "description": "This hub."},
            "bus": {
                "host": "{bus}",
                "protocol": "nats",
                "description": "The network's NATS server; its address is in the admission of an organization.",
                "variables": {"bus": {"description": "Host and port of the bus.", "examples": ["bus.example:4222"]}},
            },
        },
        "channels": _channels(),
        "operations": _operations(),
        "components": _components(network),
    }


@cache
def _components(network: str) -> Json:
    return {"messages": {word: _message(word, network) for word in _WORDS}, "schemas": _schemas()}


def _channels() -> Json:
    messages = {word: {"$ref": f"#/components/messages/{word}"} for word in _WORDS}
    return {
        "log": {
            "address": subjects.log(CIRCULATING[0], "{kind}", "{org}").replace(slug(CIRCULATING[0]), "{marking}"),
            "title": "The log on the bus",
            "servers": [{"$ref": "#/servers/bus"}],
            "parameters": {
                "marking": {"enum": [slug(marking) for marking in CIRCULATING], "description": "TLP 2.0 marking."},
                "kind": {"enum": list(_WORDS), "description": "Kind of record; control for what is about none."},
                "org": {"description": f"Organization that speaks: {ORG_PATTERN}, 3 to 40 characters."},
            },
            "messages": messages,
            "x-jetstream": {
                "stream": _LOG.name,
                "subjects": list(_LOG.subjects),
                "max_age_seconds": int(_LOG.max_age),
                "max_bytes": _LOG.max_bytes,
                "deduplication": "by index: each message says its own and that of the one before on its subject",
            },
        },
        "events": {
            "address": "/api/v1/events",
            "title": "Server-sent events",
            "description": "text/event-stream: `id` is the log index, `event` the CloudEvent's type, `data` the event. "
            "After a snapshot comes `live`; where the hub does not go on from an index, `reset` says why.",
            "servers": [{"$ref": "#/servers/hub"}],
            "messages": messages,
        },
        "webhook": {
            "address": None,
            "title": "A webhook of a subscriber",
            "description": "POST to an address that the subscriber named, signed after Standard Webhooks.",
            "messages": messages,
        },
    }


def _operations() -> Json:
    query = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{name: {"description": field.description} for name, field in Filters.model_fields.items()},
            "after": {"type": "integer", "minimum": -1, "description": _described("after")},
            "snapshot": {"type": "boolean", "description": _described("snapshot")},
            "log": {"type": "string", "description": _described("log")},
        },
    }
    names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
    signed = {"type": "object", "required": names, "properties": {name: {"type": "string"} for name in names}}
    return {
        "publishLog": _sends("log", "Publish each logged event on the bus", {"nats": {"bindingVersion": NATS_BINDING}}),
        "streamEvents": _sends(
            "events",
            "Stream logged events to a reader",
            {"http": {"method": "GET", "query": query, "bindingVersion": HTTP_BINDING}},
        ),
        "callWebhook": {
            **_sends("webhook", "Post each event that a subscription chooses", {"http": {"method": "POST"}}),
            "x-headers": signed,
        },
    }


def _described(name: str) -> str | None:
    return Live.model_fields[name].description


def _sends(channel: str, summary: str, bindings: Json) -> Json:
    for binding in bindings.values():
        binding.setdefault("bindingVersion", HTTP_BINDING)
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": f"{summary}.",
        "messages": [{"$ref": f"#/channels/{channel}/messages/{word}"} for word in _WORDS],
        "bindings": bindings,
    }


def _message(word: str, network: str) -> Json:
    found: Json = {
        "name": word,
        "title": f"An event about a record of the kind {word}" if word != CONTROL else "An event about no record",
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "properties": {
                subjects.INDEX_HEADER: {"type": "string", "pattern": "^[0-9]+$", "description": "On the bus only."}
            },
        },
        "payload": {"$ref": f"{_SCHEMAS}{word}_event"},
    }
    if word == "need":
        found["examples"] = [{"name": "published", "payload": _example(network)}]
    return found


def _schemas() -> Json:
    found: Json = {}
    for kind, model in KINDS.items():
        found |= _apart(kind, model_schema(model, f"{_SCHEMAS}{kind}.{{model}}"))
    found["withdrawal"] = model_schema(Withdrawal, f"{_SCHEMAS}{{model}}")
    found["encrypted"] = {
        "type": "object",
        "description": "A JWE (RFC 7516, general JSON) that only the organizations it names can open.",
        "required": ["protected", "recipients", "iv", "ciphertext", "tag"],
    }
    envelope = model_schema(Statement, f"{_SCHEMAS}{{model}}")
    for word in _WORDS:
        found[f"{word}_event"] = _event(word, envelope)
    return found


def _apart(kind: str, schema: Json) -> Json:
    """Give a kind's schema and its parts, each under a name of its own."""
    parts = schema.pop("$defs", {})
    return {kind: schema, **{f"{kind}.{name}": part for name, part in parts.items()}}


def _event(word: str, envelope: Mapping[str, Any]) -> Json:
    """Give the schema of a structured CloudEvent: the statement's attributes, the body, and our extensions."""
    types = [f"liaison.{word}.{action}" for action in RECORD_ACTIONS] if word != CONTROL else sorted(CONTROL_TYPES)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **envelope["properties"],
            "type": {"enum": types},
            "token": {"type": "string", "description": "The signed statement, a compact JWS (RFC 7515)."},
            "index": {"type": "integer", "minimum": 0, "description": "Place in the log."},
            "lastindex": {
                "type": "integer",
                "minimum": -1,
                "description": "Index of the event before on the same subject; -1 for the first.",
            },
            "data": _data(word),
        },
        "required": [*envelope["required"], "token", "index", "lastindex"],
    }


def _data(word: str) -> Json:
    if word == CONTROL:
        return {"type": "object", "description": _DATA}
    body = {
        "type": "object",
        "additionalProperties": False,
        "required": ["nonce", "record"],
        "properties": {"nonce": {"type": "string"}, "record": {"$ref": f"{_SCHEMAS}{word}"}},
    }
    others = [{"$ref": f"{_SCHEMAS}withdrawal"}, {"$ref": f"{_SCHEMAS}encrypted"}]
    return {"description": _DATA, "oneOf": [body, *others]}


def _example(network: str) -> Json:
    hash_ = "A" * 43
    return {
        "specversion": "1.0",
        "id": "ke-nctc:000000000007",
        "source": f"https://{network}/orgs/ke-nctc",
        "type": "liaison.need.published",
        "subject": "need/ke-nctc/0193a1c2",
        "time": "2026-11-23T18:00:00.000Z",
        "datacontenttype": "application/json",
        "dataschema": f"https://{network}/schemas/need/1",
        "datahash": hash_,
        "marking": CIRCULATING[0],
        "previous": hash_,
        "sequence": "000000000007",
        "token": "eyJhbGciOiJFZDI1NTE5In0.e30.AA",
        "index": 700,
        "lastindex": 640,
        "data": {"nonce": "A" * 22, "record": _EXAMPLE_RECORD},
    }
