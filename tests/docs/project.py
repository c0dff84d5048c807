"""Where the project's files are, and how a test reads them."""

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PACKAGES = ("schemas", "wire", "ui", "people", "node", "hub")
COMMANDS = ("liaison", "liaison-node", "liaison-hub")
# Made by tools or by running things; none of it is in git.
_LEFT_OUT = {"build", "demo-state", "dist", "node_modules", "__pycache__"}


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Give the project's own files that end with one of these, all of them without any."""
    found = []
    for folder, names, leaves in os.walk(ROOT):
        names[:] = [n for n in names if n not in _LEFT_OUT and not (n.startswith(".") and n != ".ci")]
        found += [Path(folder, leaf) for leaf in leaves if not suffixes or leaf.endswith(suffixes)]
    # In a second working tree .git is a file.
    return tuple(sorted(path for path in found if not path.name.endswith((".pyc", ".egg-info", ".git"))))


def short(path: Path) -> str:
    """Name a file as it stands in the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def text(name: str) -> str:
    """Read a file of the project by its name."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def pyproject() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads(text("pyproject.toml"))


def make_targets() -> dict[str, str]:
    """Give the targets of the Makefile that are for people, with what they say of themselves."""
    lines = [line for line in text("Makefile").splitlines() if ": " in line and " ## " in line]
    return {line.split(":", 1)[0]: line.split(" ## ", 1)[1] for line in lines if line[0].isalpha()}
