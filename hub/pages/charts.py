"""Small pictures drawn as SVG on the server, events by hour and states over days; words beside them say the same."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup

from ui.states import badge

WIDTH: Final = 240
HEIGHT: Final = 24
HEIGHTS: Final = {"good": 24, "plain": 18, "watch": 12, "bad": 6}  # not by colour alone


def by_hour(values: Sequence[int | None], label: str) -> Markup:
    """Draw one bar for each hour, oldest first; where nobody looked, a line below."""
    most = max((value for value in values if value), default=1)
    step = WIDTH / max(1, len(values))
    parts = []
    for place, value in enumerate(values):
        x, width = _at(place * step), _at(step - 1)
        if value is None:
            parts.append(f'<rect class="li-chart-unknown" x="{x}" y="{HEIGHT - 2}" width="{width}" height="2"/>')
        elif value:
            height = max(2.0, value / most * HEIGHT)
            y, high = _at(HEIGHT - height), _at(height)
            parts.append(f'<rect class="li-chart-bar" x="{x}" y="{y}" width="{width}" height="{high}"/>')
    return _picture(parts, label)


def over_time(states: Sequence[tuple[str, str]], begin: datetime, end: datetime, label: str) -> Markup:
    """Draw states as stretches from (since, word), oldest first; before the first nothing is known."""
    whole = (end - begin).total_seconds()
    marks = [(max(0.0, (datetime.fromisoformat(since) - begin).total_seconds()), word) for since, word in states]
    parts = []
    for place, (start, word) in enumerate(marks):
        stop = marks[place + 1][0] if place + 1 < len(marks) else whole
        x, width = start / whole * WIDTH, max(0.6, (stop - start) / whole * WIDTH)
        tone = badge(word).tone
        high = HEIGHTS[tone]
        parts.append(
            f'<rect class="li-chart-{tone}" x="{_at(x)}" y="{HEIGHT - high}" width="{_at(width)}" height="{high}"/>'
        )  # fmt: skip
    return _picture(parts, label)


def _picture(parts: Sequence[str], label: str) -> Markup:
    # All parts are numbers and words of our own; the label is escaped.
    return Markup(
        '<svg class="li-chart" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}"'
        ' preserveAspectRatio="none">{}</svg>'
    ).format(label, WIDTH, HEIGHT, WIDTH, HEIGHT, Markup("").join(Markup(part) for part in parts))  # noqa: S704


def _at(number: float) -> str:
    return f"{number:.1f}"
