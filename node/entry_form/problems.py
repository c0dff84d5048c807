"""Which control of a form a problem belongs to: the pointer of a check turned into the id of an element."""

from collections.abc import Iterable, Sequence
from typing import Final

from node.entry_form.controls import Control
from schemas.problems import Problem
from ui.languages import gettext_noop as N_

BESIDE = ("marking", "recipients", "id", "derived_from")  # fields of a form that are not in the record
_BESIDE_NAMES: Final = {
    "marking": N_("Who may see it"), "recipients": N_("Named readers"),
    "derived_from": N_("Drawn from these assessments"),
}  # fmt: skip


def problems_by_control(controls: Iterable[Control], problems: Iterable[Problem]) -> dict[str, str]:
    """Give the first problem of each control by the id of its element; "" is the whole form."""
    found: dict[str, str] = {}
    known = {each.name: each for each in controls}
    for problem in problems:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in problem.pointer.split("/")[1:]]
        found.setdefault(_element(known, parts), problem.message)
    return found


def _element(known: dict[str, Control], parts: Sequence[str]) -> str:
    if not parts:
        return ""
    name, *rest = parts
    control = known.get(name)
    if control is None:
        return name if name in BESIDE else ""
    if not rest:
        return name
    if control.sort in {"texts", "long-texts"}:
        return f"{name}.{rest[0]}"
    if control.sort == "group":
        return _within(name, control, rest)
    if control.sort == "groups" and rest[0].isdigit():
        return _within(f"{name}.{rest[0]}", control, rest[1:])
    return name


def _within(name: str, control: Control, rest: Sequence[str]) -> str:
    inner = _element({each.name: each for each in control.inner}, rest)
    return f"{name}.{inner}" if inner else name.split(".", maxsplit=1)[0]


def names_of(controls: Iterable[Control], element: str) -> list[str]:
    """Give how a form calls an element: the labels from the outermost group to the control; none for the whole form."""
    found, inner = list[str](), tuple(controls)
    for part in element.split("."):
        control = next((each for each in inner if each.name == part), None)
        if control is not None:
            found.append(control.label)
            inner = control.inner
    return found or [_BESIDE_NAMES[each] for each in (element,) if each in _BESIDE_NAMES]
