"""Takes one value out of a row and turns it into what the record's field takes."""

import calendar
import datetime as dt
import decimal
import re
from collections.abc import Sequence
from typing import Any

from node.importing.mapping import PLACE, Condition, Mapping, Rule
from node.importing.rows import Unreadable, Values, shorten
from schemas.codelists import country_from
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

EMPTY = (None, "")
LARGEST_EXACT = 2**53  # from here on a float is another number than the one that was written
ISO_DAY = "%Y-%m-%d"
_A_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class CellError(ValueError):
    """One column of one row does not give what its rule expects; caught where the row becomes a BadRow."""

    def __init__(self, column: str, found: Any, reason: str) -> None:
        super().__init__(reason)
        self.column, self.found, self.reason = column, shorten(found), reason


def look_up(values: Values, column: str) -> Any:
    """Return what stands in a column, or None; a name that is no column is a path by dots into a JSON value.

    Raises CellError where something is shown that is no value, or a number was too long to be read as it was written.
    """
    found = values[column] if column in values else _inside(values, column)
    if isinstance(found, Unreadable):
        raise CellError(column, found, found.reason)
    if isinstance(found, float) and abs(found) >= LARGEST_EXACT:
        raise CellError(column, found, N_("has more digits than a number of JSON keeps; write it in quotes"))
    return found.strip() if isinstance(found, str) else found


def _inside(values: Values, column: str) -> Any:
    found: Any = values
    for name in column.split("."):
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and re.fullmatch(r"-?\d+", name):
            found = found[int(name)] if -len(found) <= int(name) < len(found) else None
        else:
            return None
    return found


def holds(conditions: Condition | Sequence[Condition] | None, values: Values) -> bool:
    """Tell whether a row meets all conditions."""
    if conditions is None:
        return True
    several = [conditions] if isinstance(conditions, Condition) else conditions
    return all(_meets(condition, look_up(values, condition.column)) for condition in several)


def _meets(condition: Condition, found: Any) -> bool:
    if condition.empty is not None:
        return (found in EMPTY or found == []) == condition.empty
    if condition.matches is not None:
        return re.search(condition.matches, as_text(found)) is not None
    if condition.in_ is not None:
        return found in condition.in_
    if condition.not_in is not None:
        return found not in condition.not_in
    return bool(found == condition.equals)


def as_text(value: Any) -> str:
    """Return a cell's text: numbers as they are written in decimals, never in exponents."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(decimal.Decimal(repr(value)), "f")
    return str(value).strip()


def value_of(rule: Rule, values: Values, mapping: Mapping) -> Any:
    """Return the value a rule gives for a row, or None where the source has nothing to say.

    Raises CellError with the column, what was found and what was expected.
    """
    if not holds(rule.when, values):
        return None
    if rule.value is not None:
        return rule.value
    column, found = _origin(rule, values)
    if found in EMPTY:
        if rule.required:
            raise CellError(column, found, N_("is empty, but the record needs it"))
        return None
    if isinstance(found, dict | list):
        raise CellError(
            column,
            found,
            N_("holds a table, not one value") if isinstance(found, dict) else N_("holds a list, not one value"),
        )
    text = _matched(rule, column, as_text(found))
    translated = None if text is None else _translated(rule, mapping, column, text)
    if translated in EMPTY:
        return None
    return _CONVERSIONS[rule.as_](rule, mapping, column, as_text(translated))


def _origin(rule: Rule, values: Values) -> tuple[str, Any]:
    columns = rule.columns()
    if rule.template is None:
        found = [(column, look_up(values, column)) for column in columns]
        return next(((column, value) for column, value in found if value not in EMPTY), found[0])
    for template in rule.templates():
        parts = {column: as_text(look_up(values, column)) for column in PLACE.findall(template)}
        if all(parts.values()):  # half a sentence is worse than none
            return ", ".join(parts), _filled(template, parts)
    return columns[0], None


def _filled(template: str, parts: dict[str, str]) -> str:
    return PLACE.sub(lambda place: parts[place[1]], template)


def _matched(rule: Rule, column: str, text: str) -> str | None:
    if rule.match is None:
        return text
    found = re.search(rule.match, text)
    if found is not None:
        return (found[1] if found.re.groups else found[0]) or ""
    if rule.otherwise == "report":
        raise CellError(column, text, sentence("does not have the form {match}", match=rule.match))
    return text if rule.otherwise == "keep" else None


def _translated(rule: Rule, mapping: Mapping, column: str, text: str) -> Any:
    """Return what the table says for a text; "" leaves the field out."""
    if rule.translate is None:
        return text
    table = mapping.tables[rule.translate] if isinstance(rule.translate, str) else rule.translate
    if text in table:
        return table[text]
    if rule.otherwise == "report":
        allowed = ", ".join(list(table)[:10]) + (" …" if len(table) > 10 else "")
        raise CellError(
            column, text, sentence("has no translation; the mapping's table knows {allowed}", allowed=allowed)
        )
    return text if rule.otherwise == "keep" else None


def _text(_rule: Rule, _mapping: Mapping, _column: str, text: str) -> str:
    return text


def _lower(_rule: Rule, _mapping: Mapping, _column: str, text: str) -> str:
    return text.lower()


def _number(column: str, text: str) -> decimal.Decimal:
    try:
        number = decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise CellError(column, text, N_("is no number such as 12 or 12.5")) from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise CellError(column, text, N_("is no number of a size that a record can hold"))
    return number


def _integer(rule: Rule, _mapping: Mapping, column: str, text: str) -> int:
    number = _number(column, text)
    if rule.places == 0:
        number = round(number, 0)
    if number != number.to_integral_value():
        raise CellError(column, text, N_("is no whole number"))
    return int(number)


def _decimal(rule: Rule, _mapping: Mapping, column: str, text: str) -> str:
    number = _number(column, text)
    written = format(number if rule.places is None else round(number, rule.places), "f")
    # 1.50 and 1.5 are one amount; two spellings would be a change that nobody made.
    return written.rstrip("0").rstrip(".") if "." in written else written


def _boolean(_rule: Rule, _mapping: Mapping, column: str, text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in words:
        raise CellError(column, text, N_("is neither true nor false (yes, no, 1 and 0 are read too)"))
    return words[text.lower()]


def _date(rule: Rule, mapping: Mapping, column: str, text: str) -> str:
    # A cell that holds a day is one, however its sheet shows it.
    form = ISO_DAY if mapping.format == "xlsx" and _A_DAY.fullmatch(text) else rule.format
    try:
        date = dt.datetime.strptime(text, form).date()  # noqa: DTZ007  # a day, not a moment
    except ValueError:
        raise CellError(column, text, sentence("is no date of the form {format}", format=rule.format)) from None
    if rule.end_of == "month":
        date = date.replace(day=calendar.monthrange(date.year, date.month)[1])
    if rule.end_of == "year":
        date = date.replace(month=12, day=31)
    return date.isoformat()


def _country(_rule: Rule, mapping: Mapping, column: str, text: str) -> str:
    code = country_from(mapping.aliases.get(text, text))
    if code is None:
        reason = N_(
            "is no country: expected an ISO 3166 code or a name the United Nations use, or an entry in [aliases]"
        )
        raise CellError(column, text, reason)
    return code


def _phone(rule: Rule, _mapping: Mapping, column: str, text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if text.startswith("+"):
        number = digits
    elif text.startswith("00"):
        number = digits[2:]
    else:
        number = (rule.calling_code or "") + digits.removeprefix("0")
    if not re.fullmatch(r"[1-9]\d{6,14}", number) or re.search(r"[^\d\s()+./-]", text):
        raise CellError(column, text, N_("is no telephone number: expected digits, such as +46 8 123 45 67"))
    return "+" + number


_CONVERSIONS = {
    "text": _text,
    "lower": _lower,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "country": _country,
    "phone": _phone,
}
