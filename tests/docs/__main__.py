"""Writes anew what docs/ draws from the code: python -m tests.docs."""

import sys

from tests.docs.blocks import DRAWN, blocks, with_block
from tests.docs.project import DOCS


def main() -> int:
    """Write each page whose drawn parts have changed, and name it; 1 if a part cannot be drawn."""
    status = 0
    for path in sorted(DOCS.rglob("*.md")):
        before = after = path.read_text(encoding="utf-8")
        for name in blocks(before):
            try:
                after = with_block(after, name, DRAWN[name]().strip())
            except ImportError as error:
                sys.stderr.write(f"{path.name}: {name} cannot be drawn: {error}\n")
                status = 1
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stderr.write(f"{path.relative_to(DOCS.parent)} is written anew\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
