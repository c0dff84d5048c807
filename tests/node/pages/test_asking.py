"""Tests of asking: nobody, somebody without the role, and somebody with one of several."""

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from node.node import Node
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.frame import create_pages, problem_page
from node.problem_details import answer_with_problems
from tests.node.pages.asked import BROWSER
from ui.languages import LanguagePath


def asked_of(node: Node, *roles: Role) -> TestClient:
    """An application with one page, for reviewers and administrators."""
    desk = Desk(node, visitor=lambda _request: Visitor(1, "Amina", frozenset(roles)) if roles else None)
    pages, app = create_pages(desk), FastAPI()
    answer_with_problems(app, lambda request, wrong: problem_page(pages, request, wrong))

    @app.get("/kept")
    @app.post("/kept")
    def kept(request: Request) -> str:
        return visitor_of(desk, request, Role.REVIEWER, Role.ADMINISTRATOR).name

    app.add_middleware(LanguagePath)
    return TestClient(app, headers=BROWSER, follow_redirects=False)


def test_nobody_is_sent_to_log_in_and_comes_back(node: Node) -> None:
    got = asked_of(node).get("/ar/kept?a=1&b=x")
    assert (got.status_code, got.headers["location"]) == (303, "/ar/login?next=%2Fkept%3Fa%3D1%26b%3Dx")
    assert asked_of(node).post("/kept").status_code == 401


def test_the_wrong_role_is_told_whom_it_is_for(node: Node) -> None:
    got = asked_of(node, Role.OFFICER).get("/kept")
    assert got.status_code == 403
    assert "reviewers or administrators" in got.text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMINISTRATOR])
def test_any_of_the_roles_will_do(node: Node, role: Role) -> None:
    assert asked_of(node, role, Role.OFFICER).get("/kept").json() == "Amina"
