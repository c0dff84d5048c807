"""Fixtures of the hub's tests: databases of both sorts, networks published into them, and the command."""

from tests.hub.commands import directory, enrolment, hub
from tests.hub.published import any_engine, network, small_network, sqlite_engine
from tests.hub.subscriptions.fixtures import box, driven, driven_anywhere, mailing, receiver

__all__ = [
    "any_engine",
    "box",
    "directory",
    "driven",
    "driven_anywhere",
    "enrolment",
    "hub",
    "mailing",
    "network",
    "receiver",
    "small_network",
    "sqlite_engine",
]
