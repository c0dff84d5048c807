"""What docs/ draws from the code is what the code says: commands, options, make targets, reasons, kinds and fields."""

import pytest

from tests.docs.blocks import DRAWN, blocks, commands, options, root_command, with_block
from tests.docs.project import COMMANDS, DOCS, make_targets, pyproject, text
from wire.reasons import Reason

PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}
STANDING = [(page, name) for page, body in PAGES.items() for name in blocks(body)]
AGAIN = "this part of the page is not what the code says now: run `python -m tests.docs` and read the difference"


@pytest.mark.parametrize(("page", "name"), STANDING)
def test_a_part_drawn_from_the_code_is_what_the_code_says_now(page: str, name: str) -> None:
    assert DRAWN[name]().strip() == blocks(PAGES[page])[name], AGAIN


def test_everything_that_can_be_drawn_stands_on_one_page() -> None:
    assert sorted(DRAWN) == sorted(name for _, name in STANDING)


def test_a_drawn_part_is_replaced_and_what_stands_around_it_stays() -> None:
    page = "before\n<!-- drawn from the code: reasons -->\nold\n<!-- end -->\nafter\n"
    assert with_block(page, "reasons", "new") == page.replace("old\n", "\nnew\n\n").replace("\n\n\n", "\n\n")


def test_the_three_commands_are_those_of_the_package() -> None:
    assert set(COMMANDS) == set(pyproject()["project"]["scripts"])


@pytest.mark.parametrize("script", COMMANDS)
def test_every_command_has_help_with_an_example_and_every_option_a_meaning(script: str) -> None:
    for called, command in commands(root_command(script), script):
        assert "Example" in (command.help or ""), f"{called} --help has no example"
        assert [option.opts for option in options(command) if not option.help] == [], called


@pytest.mark.parametrize("script", COMMANDS)
def test_each_program_says_first_what_it_is(script: str) -> None:
    assert (root_command(script).help or "").endswith(".")


def test_the_remedies_and_examples_of_reasons_name_every_reason() -> None:
    examples = text("docs/reasons.md").partition("## Examples")[2].partition("\n## ")[0]
    assert {line.split("`")[1] for line in examples.splitlines() if line.startswith("| `")} == {str(r) for r in Reason}


def test_readme_s_commands_exist() -> None:
    named = {line.split()[1] for line in text("README.md").splitlines() if line.strip().startswith("make ")}
    assert {"demo", "test"} <= named <= set(make_targets())
