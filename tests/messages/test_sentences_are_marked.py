"""What is refused or found wrong is said by sentences that are marked, so that pages can show their translation."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.docs.project import ROOT

# Calls, and the place of the text for people among their arguments.
TEXTS = {
    "Refusal": (1,), "ImportFileError": (0,), "CellError": (2,), "BadRow": (3,), "TooMany": (0,), "Changed": (0,),
    "BadAccount": (0,), "NotLoggedIn": (0,), "NoBackup": (0,), "Finding": (1,), "NotReplaced": (0,),
    "passed": (1,), "failed": (1, 2), "skipped": (1,), "problem": (1, 2),
}  # fmt: skip
PACKAGES = ("node", "people", "schemas")
# What nobody reads on a page; what the modules in api/ say is for programs.
_WORD = re.compile("[A-Za-z]{2}")
ALLOWED = {
    "node/importing/mapping.py",  # the mistakes of a mapping file: names of its keys, and the words of pydantic
}


def unmarked(tree: ast.Module) -> Iterator[int]:
    """Give the lines on which a text for people is written out, and not marked."""
    for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        for place in TEXTS.get(name, ()):
            if place < len(call.args) and _has_words(call.args[place]):
                yield call.lineno


def _has_words(text: ast.expr) -> bool:
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    constants = [each.value for each in parts if isinstance(each, ast.Constant)]
    return any(isinstance(each, str) and " " in each and _WORD.search(each) for each in constants)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_said_to_people_is_marked_for_translation(package: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / package).rglob("*.py")
        if str(path.relative_to(ROOT)) not in ALLOWED and path.parent.name != "api"
        for line in unmarked(ast.parse(path.read_text()))
    }
    assert sorted(found) == []


def test_a_text_that_is_not_marked_is_found() -> None:
    tree = ast.parse(
        'failed("x", f"It {is_} bad.", N_("Go."))\nRefusal("a", sentence("It is."))\nfailed("x", f"{a} {b}")'
    )
    assert list(unmarked(tree)) == [1]
