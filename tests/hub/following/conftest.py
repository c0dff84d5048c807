"""Fixtures of the regional hub's tests."""

from tests.hub.following.regional import first, regional

__all__ = ["first", "regional"]
