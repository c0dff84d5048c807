"""Sends a form as a browser does: every control that the page shows, filled with what it shows."""

from collections.abc import Iterable
from typing import Any

from node.entry_form import Control, shown_value


def sent_by(controls: Iterable[Control], record: dict[str, Any], before: str = "") -> dict[str, list[str]]:
    """Give names and values of a form that was opened with a record and sent back untouched."""
    sent: dict[str, list[str]] = {}
    for control in controls:
        name, shown = f"{before}{control.name}", shown_value(control, record.get(control.name))
        if control.sort in {"texts", "long-texts"}:
            sent |= {f"{name}.{language}": [text] for language, text in {"en": "", **shown}.items()}
        elif control.sort == "group":
            sent |= sent_by(control.inner, record.get(control.name) or {}, f"{name}.")
        elif control.sort == "groups":
            for number, each in enumerate([*(record.get(control.name) or []), {}]):  # a browser sends the empty one too
                sent |= sent_by(control.inner, each, f"{name}.{number}.")
        else:
            sent[name] = shown if isinstance(shown, list) else [shown]
    return sent
