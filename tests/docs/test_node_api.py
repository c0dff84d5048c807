"""The page about the node's API has every word with which the node refuses, beside the status that it is sent with."""

import re

from node.problem_details import refused_with
from node.refusal import Refusal
from tests.docs.project import files, short, text

REFUSED = re.compile(r'Refusal\(\s*"([a-z-]+)"')
# What only a browser meets.
OF_PAGES = {"log-in-needed", "no-form"}


def test_every_word_of_an_error_is_named_beside_its_status() -> None:
    table = text("docs/api.md").partition("## Errors\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d{3}(?:, \d{3})*) \| (.*) \|$", table, re.MULTILINE)
    stated = {word: statuses for statuses, words in rows for word in re.findall(r"`([a-z-]+)`", words)}
    code = [path for path in files(".py") if short(path).startswith("node/")]
    words = {word for path in code for word in REFUSED.findall(path.read_text(encoding="utf-8"))}
    assert {"not-found", "schema-invalid", "too-large"} <= words
    assert (words | set(stated)) - OF_PAGES == set(stated)
    for word, statuses in stated.items():
        assert str(refused_with(Refusal(word, "…")).status.value) in statuses, word
