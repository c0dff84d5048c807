"""Fixtures of the hub's tests: databases of both sorts, networks published into them, and the command."""

from tests.hub.commands import directory, enrolment, hub
from tests.hub.published import any_engine, network, small_network, sqlite_engine

__all__ = ["any_engine", "directory", "enrolment", "hub", "network", "small_network", "sqlite_engine"]
