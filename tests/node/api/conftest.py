"""The node that a file of the API's tests asks, unless it makes one of its own."""

from tests.node.lasting import node

__all__ = ["node"]
