"""Tests of forms: every schema that the description names is there, and none is there twice."""

import re

import orjson
from fastapi import FastAPI

from node.api.bodies import BODIES
from node.api.description import describe
from node.api.forms import PEOPLE_FORMS, body_schemas


def test_all_that_is_referred_to_is_described() -> None:
    app = FastAPI()
    describe(app)
    drawn = app.openapi()
    named = set(re.findall(r"#/components/schemas/([A-Za-z0-9_-]+)", orjson.dumps(drawn).decode()))
    assert named <= set(drawn["components"]["schemas"])


def test_no_form_has_the_name_of_a_body() -> None:
    assert set(body_schemas()) & set(PEOPLE_FORMS) == set()
    assert {model.__name__ for model in BODIES} <= set(body_schemas())
