"""Tests of hub/pages/charts.py: pictures that a strict policy lets through, with words for who cannot see them."""

from datetime import UTC, datetime, timedelta

import lxml.etree

from hub.pages.charts import HEIGHT, WIDTH, by_hour, over_time

END = datetime(2026, 11, 23, 12, tzinfo=UTC)


def rects(picture: str) -> list[dict[str, str]]:
    return [dict(each.attrib) for each in lxml.etree.fromstring(picture)]


def test_each_hour_has_a_bar_and_an_hour_nobody_looked_at_a_line() -> None:
    drawn = rects(by_hour([4, 0, None, 2], "Events"))
    assert [(each["class"], each["height"]) for each in drawn] == [
        ("li-chart-bar", "24.0"), ("li-chart-unknown", "2"), ("li-chart-bar", "12.0"),
    ]  # fmt: skip
    assert rects(by_hour([], "Events")) == []


def test_states_fill_the_time_and_differ_in_height_not_only_in_colour() -> None:
    begin = END - timedelta(days=10)
    states = [("2026-11-03T12:00:00.000Z", "live"), ("2026-11-18T12:00:00.000Z", "silent")]
    first, second = rects(over_time(states, begin, END, "States"))
    assert (first["class"], first["x"], first["width"]) == ("li-chart-good", "0.0", f"{WIDTH / 2:.1f}")
    assert (second["class"], second["x"]) == ("li-chart-bad", f"{WIDTH / 2:.1f}")
    assert first["height"] == str(HEIGHT) != second["height"]


def test_a_picture_has_words_and_no_style() -> None:
    picture = str(by_hour([1], 'Events "<b>"'))
    assert 'role="img"' in picture
    assert "<b>" not in picture
    assert "style" not in picture
