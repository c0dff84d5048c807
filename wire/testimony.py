"""Testimony: what the node of one organization knows of its network's log, in one file, for a hub that has lost it.

Members, exactly: `form`, always `liaison-testimony@v1`; `network`; `organization`; `size`, how many entries it has
read; `checkpoints`, signed notes; `registry`, the statements of the registry and the rotations that it has read, each
with `index`, `token` and `body` (base64url); `ends`, the last statement of each chain, by organization, as `sequence`
and `hash`. Nothing here is verified but the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.problems import problems_from
from wire.action_forms import MAX_ENDS, End, OrganizationId
from wire.encoding import b64url, from_b64url

FORM: Final = "liaison-testimony@v1"
MAX_TESTIMONY: Final = 64_000_000  # bytes: a registry of 20,000 statements
MAX_STATEMENTS: Final = 20_000


class BadTestimony(ValueError):
    """A testimony that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """A statement that moves the registry: its index in the lost log, token and body."""

    index: int
    token: bytes
    body: bytes


@dataclass(frozen=True)
class Testimony:
    """What one node knows: `ends` are (sequence, hash) by organization."""

    network: str
    organization: str
    size: int
    checkpoints: tuple[bytes, ...]
    registry: tuple[Told, ...]
    ends: Mapping[str, tuple[int, bytes]]

    def to_bytes(self) -> bytes:
        """Give the file."""
        document: dict[str, Any] = {
            "form": FORM, "network": self.network, "organization": self.organization, "size": self.size,
            "checkpoints": [note.decode() for note in self.checkpoints],
            "registry": [
                {"index": each.index, "token": each.token.decode(), "body": b64url(each.body)} for each in self.registry
            ],
            "ends": {name: {"sequence": end[0], "hash": b64url(end[1])} for name, end in self.ends.items()},
        }  # fmt: skip
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Statement(_Strict):
    index: Annotated[int, Field(ge=0, lt=2**53)]
    token: Annotated[str, Field(max_length=6144, pattern=r"^[\x21-\x7e]+$")]
    body: Annotated[str, Field(max_length=350_000)]


class _Document(_Strict):
    form: Literal["liaison-testimony@v1"]
    network: Annotated[str, Field(max_length=253)]
    organization: OrganizationId
    size: Annotated[int, Field(ge=0, lt=2**53)]
    checkpoints: Annotated[list[Annotated[str, Field(max_length=200_000)]], Field(max_length=16)]
    registry: Annotated[list[_Statement], Field(max_length=MAX_STATEMENTS)]
    ends: Annotated[dict[OrganizationId, End], Field(max_length=MAX_ENDS)]


_NAMES: Final = frozenset(_Document.model_fields)
_OF_STATEMENT: Final = frozenset(_Statement.model_fields)
_OF_END: Final = frozenset(End.model_fields)


def parse_testimony(data: bytes) -> Testimony:
    """Take a testimony apart; BadTestimony unless it has exactly the form above."""
    if len(data) > MAX_TESTIMONY:
        raise BadTestimony(f"the testimony has {len(data)} bytes; at most {MAX_TESTIMONY} are read")
    try:
        found = _Document.model_validate(_members(data))
        registry = tuple(Told(each.index, each.token.encode(), from_b64url(each.body)) for each in found.registry)
        notes = tuple(note.encode() for note in found.checkpoints)
    except ValidationError as error:
        first = problems_from(error)[0]
        raise BadTestimony(
            f"this is no testimony: {first.pointer}: {first.message} Take the file as liaison-node testify wrote it"
        ) from None
    except ValueError as error:
        raise BadTestimony(f"this is no testimony: {error}") from None
    indices = [each.index for each in registry]
    if indices != sorted(set(indices)):
        raise BadTestimony("the testimony's statements of the registry are not in the order of the log")
    ends = {name: (end.sequence, from_b64url(end.hash)) for name, end in found.ends.items()}
    return Testimony(found.network, found.organization, found.size, notes, registry, ends)


def _members(data: bytes) -> Any:
    """Read the JSON; where names are others than those above, one error is enough: there may be millions."""
    value = orjson.loads(data)
    if isinstance(value, dict):
        _check_names("the testimony", value, _NAMES)
        for name, members in (("registry", _OF_STATEMENT), ("ends", _OF_END)):
            inner = value[name]
            for each in inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ():
                if isinstance(each, dict):
                    _check_names(name, each, members)
    return value


def _check_names(what: str, value: dict[str, Any], names: frozenset[str]) -> None:
    if set(value) != names:
        raise ValueError(f"{what} has other members than {', '.join(sorted(names))}")
