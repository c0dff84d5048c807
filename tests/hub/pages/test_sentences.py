"""Choices in words: labels of codes where they have one, and the codes themselves where not."""

import pytest
from fastapi.testclient import TestClient

from hub.pages.sentences import theme_text
from schemas.codelists import label
from tests.hub.published import Published
from tests.hub.serving import api_of


@pytest.fixture
def client(small_network: Published) -> TestClient:
    return TestClient(api_of(small_network))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Any record"),
        ("?kind=need", "Any Need"),
        ("?kind=need&kind=offer&kind=plan", "Any Need, Offer or Plan"),
        ("?place=SDN&place=TCD", "Any record in Sudan or Chad"),
        ("?org=ke-nctc&status=open", "Any record from ke-nctc with the status open"),
        ("?since=2026-11-01", "Any record published since 2026-11-01"),
        ("?q=<b>gates</b>", "Any record with the words “&lt;b&gt;gates&lt;/b&gt;”"),
    ],
)
def test_a_choice_is_one_sentence(client: TestClient, query: str, sentence: str) -> None:
    text = client.get(f"/en/subscribe{query}").text
    assert f'<p class="li-card"><strong>{sentence}</strong></p>' in text


def test_a_theme_is_told_by_its_label() -> None:
    assert theme_text(label, "theme_1373:2.10") == label("theme_1373", "2.10")
    assert theme_text(label, "2.10") == label("theme_1373", "2.10")
    assert theme_text(label, "no-such-code") == "no-such-code"
