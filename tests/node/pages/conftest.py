"""One node for the pages' tests of a file, which reads or changes it."""

from tests.node.lasting import node

__all__ = ["node"]
