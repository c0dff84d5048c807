"""Programs that ask the node's API with the token of a person who has certain roles."""

from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.testclient import TestClient

from node.accounts.rules import Role
from node.node import Node


def add_person(node: Node, name: str, *roles: Role) -> int:
    """Make an account, once; gives its number."""
    if all(each["name"] != name for each in node.people.listed()):
        node.people.add("tests", name, [str(role) for role in roles], person=name.title())
    return node.people.account(name).number


def token_of(node: Node, name: str, *roles: Role) -> str:
    """Make an account, and a token of it with these roles."""
    number = add_person(node, name, *roles)
    words = [str(role) for role in roles]
    return node.tokens.for_person("tests", number, words, f"{name}'s program", words, datetime.now(UTC))


def asker(app: FastAPI, node: Node, name: str, *roles: Role) -> TestClient:
    """Give a client that asks in the name of a person who has these roles."""
    bearer = {"Authorization": f"Bearer {token_of(node, name, *roles)}"}
    return TestClient(app, headers=bearer, raise_server_exceptions=False)
