"""What changed from one version of a record to the next, field by field, as a page shows it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.shapes import Shape, record_fields


class Change(NamedTuple):
    """A field with what it was and what it is; None where it was not or is not there."""

    name: str
    before: Shape | None
    after: Shape | None


class Step(NamedTuple):
    """A version with what changed since the last version that can be read; `first`: there is none before it."""

    version: dict[str, Any]
    action: str
    first: bool
    changes: list[Change]


def steps(kind: str, org: str, versions: Sequence[dict[str, Any]]) -> list[Step]:
    """Give the steps of a history, the oldest first. `versions` are in the API's form."""
    found: list[Step] = []
    last: dict[str, Any] | None = None
    for version in versions:
        record = version.get("record")
        changes = [] if last is None or record is None else changed(kind, org, last, record)
        found.append(Step(version, str(version["type"]).rpartition(".")[2], last is None, changes))
        last = record or last
    return found


def changed(kind: str, org: str, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Give the fields in which two versions differ, in the order of the kind's model."""
    old = dict(record_fields(kind, org, before))
    new = dict(record_fields(kind, org, after))
    names = [*new, *(name for name in old if name not in new)]
    return [
        Change(name, old.get(name), new.get(name)) for name in names if before.get(name) != after.get(name)
    ]  # fmt: skip
