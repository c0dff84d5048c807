"""Tests of hub/exports/asyncapi.py: the form of AsyncAPI 3.0, and that what is really told is what it describes."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from hub import tables
from hub.cloudevents import cloudevent
from hub.exports.asyncapi import asyncapi
from schemas.fields import KIND_NAMES
from schemas.statement import CONTROL
from tests.hub.published import Published
from tests.signed_network import NETWORK, need
from wire.subjects import log

DOCUMENT = asyncapi(NETWORK, "hub.example:8300", "https")
# What version 3.0 knows at each place; everything else must begin with x-.
KNOWN = {
    "": "asyncapi id info servers defaultContentType channels operations components",
    "channel": "address messages title summary description servers parameters tags bindings externalDocs",
    "operation": "action channel title summary description security tags bindings traits messages reply externalDocs",
    "message": "headers payload correlationId contentType name title summary description tags bindings examples traits",
    "parameter": "enum default description examples location",
    "server": "host protocol protocolVersion pathname description title summary variables security tags bindings",
}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def at(pointer: str) -> Any:
    found: Any = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def unknown(place: str, value: dict[str, Any]) -> set[str]:
    return {name for name in set(value) - set(KNOWN[place].split()) if not name.startswith("x-")}


def valid(word: str, event: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{word}_event", "components": DOCUMENT["components"]}
    jsonschema.Draft7Validator(schema).validate(event)


def test_the_document_has_the_members_that_version_3_knows_and_no_others() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(DOCUMENT["info"])
    found = [unknown("", DOCUMENT)]
    found += [unknown("server", each) for each in DOCUMENT["servers"].values()]
    found += [unknown("message", each) for each in DOCUMENT["components"]["messages"].values()]
    found += [unknown("operation", each) for each in DOCUMENT["operations"].values()]
    for channel in DOCUMENT["channels"].values():
        found.append(unknown("channel", channel))
        found += [unknown("parameter", each) for each in channel.get("parameters", {}).values()]
    assert [each for each in found if each] == []


def test_every_reference_leads_somewhere() -> None:
    all_of_them = set(references(DOCUMENT))
    assert len(all_of_them) > 50
    for pointer in all_of_them:
        assert at(pointer) is not None


def test_operations_send_messages_of_their_own_channel() -> None:
    for operation in DOCUMENT["operations"].values():
        channel = operation["channel"]["$ref"]
        assert operation["action"] == "send"
        assert all(each["$ref"].startswith(f"{channel}/messages/") for each in operation["messages"])
        assert {each["$ref"].rpartition("/")[2] for each in operation["messages"]} == {*KIND_NAMES, CONTROL}


def test_the_address_on_the_bus_is_the_one_that_is_published_to() -> None:
    channel = DOCUMENT["channels"]["log"]
    filled = channel["address"].format(marking="green", kind="need", org="ke-nctc")
    assert filled == log("TLP:GREEN", "need", "ke-nctc")
    assert channel["parameters"]["marking"]["enum"] == ["clear", "green", "amber", "amber-strict"]
    assert channel["x-jetstream"]["stream"] == "LOG"
    assert DOCUMENT["operations"]["publishLog"]["bindings"] == {"nats": {"bindingVersion": "0.1.0"}}
    assert DOCUMENT["channels"]["events"]["address"] == "/api/v1/events"
    assert DOCUMENT["channels"]["webhook"]["address"] is None


def test_examples_are_valid_by_their_own_schema() -> None:
    examples = [
        (word, each["payload"])
        for word, message in DOCUMENT["components"]["messages"].items()
        for each in message.get("examples", ())
    ]
    assert examples
    for word, payload in examples:
        valid(word, payload)


def test_every_event_of_a_real_log_is_as_described(everything: Published) -> None:
    kinds = set()
    log_, bodies = tables.log.c, tables.bodies.c
    with everything.engine.connect() as connection:
        rows = connection.execute(
            select(log_.token, log_.index, log_.lastindex, log_.kind, bodies.body).outerjoin(
                tables.bodies, bodies.index == log_.index
            )
        ).all()
    for token, index, lastindex, kind, body in rows:
        valid(kind, orjson.loads(cloudevent(bytes(token), index, lastindex, None if body is None else bytes(body))))
        kinds.add(kind)
    assert kinds == {*KIND_NAMES, CONTROL}


def test_what_is_no_event_is_not_valid() -> None:
    event = DOCUMENT["components"]["messages"]["need"]["examples"][0]["payload"]
    wrong = [
        {**event, "data": {"nonce": "A" * 22, "record": {**need(), "priority": "urgent"}}},
        {**event, "type": "liaison.offer.published"}, {**event, "marking": "TLP:WHITE"}, {**event, "extra": 1},
        {name: value for name, value in event.items() if name != "token"},
    ]  # fmt: skip
    for each in wrong:
        with pytest.raises(jsonschema.ValidationError):
            valid("need", each)


def test_the_hub_serves_it_with_its_own_address(reader: TestClient) -> None:
    found = reader.get("/asyncapi.json").json()
    assert found["servers"]["hub"] == {"host": "testserver", "protocol": "http", "description": "This hub."}
    assert found["components"] == orjson.loads(orjson.dumps(DOCUMENT["components"]))
