"""What is refused or found wrong is said by sentences that are marked, so that pages can show their translation."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.docs.project import ROOT

# Calls, and the place of the text for people among their arguments.
TEXTS = {
    "Refusal": (1, 2), "ImportFileError": (0,), "CellError": (2,), "BadRow": (3,), "TooMany": (0,), "Changed": (0,),
    "BadAccount": (0,), "NotLoggedIn": (0,), "NoBackup": (0,), "Finding": (1,), "NotReplaced": (0,),
    "passed": (1,), "failed": (1, 2), "warned": (1, 2), "skipped": (1,), "problem": (1, 2), "refusal": (1, 2),
    "BadDeed": (0,), "BadAddress": (0,), "BadSettings": (0,), "Trouble": (1,), "NotPublic": (0,),
    "BadEvidence": (0,), "Malformed": (0,), "BadNote": (0,), "passes": (1,), "fails": (1,), "leaves": (1,),
}  # fmt: skip
PACKAGES = ("node", "people", "schemas", "hub", "wire")
# What nobody reads on a page; what the modules in api/ say is for programs.
_WORD = re.compile("[A-Za-z]{2}")
ALLOWED = {
    "node/importing/mapping.py",  # the mistakes of a mapping file: names of its keys, and the words of pydantic
    # What commands alone say, on a terminal.
    "node/settings.py", "hub/backup.py", "hub/cli_follow.py", "hub/following/choice.py", "wire/client.py",
    # Read by programs: the stream of live events, and exports.
    "hub/streaming/beginning.py", "hub/streaming/places.py", "hub/exports/api.py", "hub/exports/batches.py",
    "hub/subscriptions/api_subscriptions.py",
    "hub/api.py",  # an address that is too long has a problem document for an answer, whoever asks
    "wire/receipts.py",  # between hub and node: in their logs alone
}  # fmt: skip

# What templates mark as English: members of a signed statement, a depositary's own name, words of long technical lists.
ENGLISH_DATA = {
    ("log_entry.html", "{% for name, value in statement.items() %}"),
    ("accessions.html", "{{ each.depositary }}"),
    ("entry.html", "{{ words }}"),
    ("import_map.html", "{{ words }}"),
}


def unmarked(tree: ast.Module) -> Iterator[int]:
    """Give the lines on which a text for people is written out, or a name given that is one, and not marked."""
    named = _named(tree)
    for call in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if isinstance(call.func, ast.Attribute):
            name = call.func.attr
        for place in TEXTS.get(name, ()):
            given = call.args[place : place + 1]
            if any(_has_words(each) or (isinstance(each, ast.Name) and each.id in named) for each in given):
                yield call.lineno


def _named(tree: ast.Module) -> set[str]:
    """The names to which a text is given somewhere in a module."""
    values = {
        (target.id, each.value)
        for each in ast.walk(tree)
        if isinstance(each, (ast.Assign, ast.AnnAssign)) and each.value is not None
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
        if isinstance(target, ast.Name)
    }
    return {name for name, value in values if _has_words(value)}


def _has_words(text: ast.expr) -> bool:
    if isinstance(text, ast.IfExp):
        return _has_words(text.body) or _has_words(text.orelse)
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
    named = ast.parse(
        'what = "Go there." if x else ""\nsaid = N_("It is.")\ndeeds.failed("x", said, what)\nother("x", what)'
    )
    assert list(unmarked(named)) == [3]


def test_templates_call_english_only_what_is_data() -> None:
    marked = re.compile(r'lang="en"[^>]*>([^<]*)<')
    found = {
        (path.name, text)
        for package in ("hub", "node", "people", "ui")
        for path in (ROOT / package).rglob("*.html")
        for text in marked.findall(path.read_text())
        if text.strip()
    }
    assert found == ENGLISH_DATA
