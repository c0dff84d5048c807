"""The three programs say what they are."""

from collections.abc import Callable
from importlib.metadata import version

import pytest

from hub.cli import main as hub
from node.cli import main as node
from tests.in_process import run_here
from wire.cli import main as reader

MAINS: dict[str, Callable[[], None]] = {"liaison": reader, "liaison-node": node, "liaison-hub": hub}


@pytest.mark.parametrize("program", MAINS)
def test_a_program_tells_its_name_and_version_and_ends_well(program: str) -> None:
    told = run_here(MAINS[program], program, "--version")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"{program} {version('liaison-network')}\n", "")


@pytest.mark.parametrize("program", ["liaison-node", "liaison-hub"])
def test_without_words_a_program_still_shows_its_help(program: str) -> None:
    told = run_here(MAINS[program], program)
    assert "--version" in told.stdout + told.stderr
    assert "Usage: " in told.stdout + told.stderr
