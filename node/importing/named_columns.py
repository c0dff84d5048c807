"""Which columns a mapping cannot do without, and which of them a table's header lacks.

In JSON a member that is empty is often left out; in a table, where all rows have all columns, a missing one is another
file than the mapping was written for, or one whose columns were renamed: read as empty, it would empty the records.
"""

from collections.abc import Collection, Iterator

from node.importing.mapping import PLACE, Condition, Mapping, Rule

_EACH = "each"


def lacking(mapping: Mapping, header: Collection[str]) -> list[str]:
    """Give the columns that are named and not there, in the mapping's order; one of several alternatives is enough."""
    if mapping.whole or mapping.history is not None:
        return []
    names = frozenset(header)
    missing = (need[0] for need in _needs(mapping) if not any(names.issuperset(columns) for columns in need))
    return list(dict.fromkeys(column for columns in missing for column in columns if column not in names))


def _needs(mapping: Mapping) -> Iterator[list[list[str]]]:
    """Yield alternatives: of each, all columns of one of them must be there."""
    yield from ([[name]] for name in mapping.key)
    yield from ([[condition.column]] for condition in mapping.only)
    for rule in mapping.fields.values():
        yield from _of_rule(rule)
    for entry in mapping.lists:
        yield from _of_condition(entry.when)
        if entry.each is not None:
            yield [[entry.each]]
        needs = [*_of_condition(entry.each_when)]
        for item in (*entry.fields.values(), entry.item):
            needs += [] if item is None else _of_rule(item)
        # An element of the list goes by a name of its own.
        yield from ([[name for name in one if name.split(".")[0] != _EACH] for one in need] for need in needs)


def _of_rule(rule: Rule) -> Iterator[list[list[str]]]:
    yield from _of_condition(rule.when)
    if rule.template is not None:
        yield [PLACE.findall(template) for template in rule.templates()]
    elif rule.column is not None:
        yield [[name] for name in rule.columns()]


def _of_condition(conditions: Condition | list[Condition] | None) -> Iterator[list[list[str]]]:
    several = [conditions] if isinstance(conditions, Condition) else conditions or []
    yield from ([[condition.column]] for condition in several)
