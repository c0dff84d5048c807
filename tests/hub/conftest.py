"""Fixtures of the hub's tests: databases of both sorts, and networks published into them."""

from tests.hub.published import any_engine, network, small_network, sqlite_engine

__all__ = ["any_engine", "network", "small_network", "sqlite_engine"]
