"""The page about the hub's API names every address, every filter and every word of an error that the hub has."""

import re

from hub.filters import Filters
from hub.matrix import State
from hub.matrix_table import MatrixAsked
from tests.docs.project import files, short, text

PAGE = text("docs/hub-api.md")
# How the page shortens what it has named in full before.
SHORT = {
    "/api/v1/records/{kind}/{org}/{id}/history": "…/history",
    "/api/v1/records/{kind}/{org}/{id}/history.atom": "…/history.atom",
    "/api/v1/records/{kind}/{org}/{id}/history.feed.json": "…/history.feed.json",
    "/api/v1/records/contact/{org}/{id}.qr.svg": "….qr.svg",
    "/api/v1/subscriptions/{id}/deliveries": "…/deliveries",
    "/api/v1/subscriptions/{id}/secret": "…/secret",
    "/api/v1/subscriptions/{id}/test": "…/test",
    "/api/v1/subscriptions/{id}/resend": "…/resend",
    **{f"/api/v1/records.{end}": f".{end}" for end in ("xlsx", "jsonl", "vcf", "iati.xml", "atom", "feed.json")},
}
REFUSED = re.compile(r'Refusal\(\s*HTTPStatus\.\w+,\s*"([a-z-]+)"')


def named(section: str) -> set[str]:
    """Give what stands in code in the first column of a section's table."""
    part = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return {name for row in re.findall(r"^\| (`.*?) \|", part, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}


def test_every_address_of_the_interface_is_named() -> None:
    tested = text("tests/hub/api/test_application.py").partition("test_the_interface_describes_every_address")[2]
    paths = set(re.findall(r'"(/[^"]+)",', tested.partition("\n    }")[0]))
    assert len(paths) > 40
    assert {path for path in paths if f"{SHORT.get(path, path)}`" not in PAGE} == set()


def test_every_filter_is_named_and_no_other() -> None:
    assert named("Filters") == set(Filters.model_fields)


def test_every_parameter_and_state_of_the_matrix_is_named_and_no_other() -> None:
    assert named("The matrix") == set(MatrixAsked.model_fields) | {str(state) for state in State}


def test_every_word_of_an_error_is_named() -> None:
    code = [path for path in files(".py") if short(path).startswith("hub/") and "pages" not in path.parts]
    words = {word for path in code for word in REFUSED.findall(path.read_text(encoding="utf-8"))}
    assert {"invalid-parameters", "no-such-record", "cursor-beyond-log"} <= words
    unnamed = {word for word in words if f"`{word}`" not in PAGE}
    assert {word for word in unnamed if not word.startswith("no-such-")} == set()
