"""What a regional hub follows and which bodies it holds: DIR/following.toml, written when it begins."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from hub.filters import WORLD, Filters, places_of
from hub.settings import BadSettings
from schemas.facets import Facets
from schemas.problems import problems_from
from wire.durable_file import replace_durably

FILE: Final = "following.toml"
_LISTS: Final = ("places", "kinds", "organizations")


@dataclass(frozen=True)
class Choice:
    """Bodies are held that fit every list, as filters of the API do; an empty list leaves nothing out."""

    places: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            Filters(place=list(self.places), kind=list(self.kinds), org=list(self.organizations))
        except ValidationError as error:
            found = problems_from(error)[0]
            raise BadSettings(f"what is to be held cannot be chosen so: {found.pointer} {found.message}") from None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.places or self.kinds or self.organizations)

    def asks_for(self, kind: str, organization: str) -> bool:
        """Whether a body is to be fetched, as far as its statement tells."""
        return (not self.kinds or kind in self.kinds) and (not self.organizations or organization in self.organizations)

    def holds(self, kind: str, organization: str, facets: Facets | None) -> bool:
        """Whether a body that was fetched is to be kept; what withdraws a record has no facets, and names no place."""
        if not self.asks_for(kind, organization):
            return False
        if not self.places or facets is None:
            return True
        if WORLD in self.places:
            return bool(facets.places)
        return not places_of(self.places).isdisjoint(facets.places)


@dataclass(frozen=True)
class Followed:
    """The hub that is followed: its address, and the file with a member's token to it, None for what is public."""

    hub: str
    choice: Choice
    token_file: Path | None = None


def is_regional(directory: Path) -> bool:
    """Whether this is the state directory of a regional hub."""
    return (directory / FILE).exists()


def write_followed(directory: Path, followed: Followed) -> None:
    """Write DIR/following.toml whole or not at all, mode 0600."""
    lists = {name: list(getattr(followed.choice, name)) for name in _LISTS}
    token = "" if followed.token_file is None else str(followed.token_file)
    text = "# What this regional hub follows, and whose bodies it holds; empty lists leave nothing out.\n"
    text += f"hub = {json.dumps(followed.hub)}\ntoken_file = {json.dumps(token)}\n"
    text += "".join(f"{name} = {json.dumps(values)}\n" for name, values in lists.items())
    replace_durably(directory / FILE, text.encode())


def read_followed(directory: Path) -> Followed:
    """Read it; BadSettings if it cannot be used."""
    path = directory / FILE
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        lists = [tuple(map(str, document[name])) for name in _LISTS]
        token = str(document["token_file"])
        return Followed(str(document["hub"]), Choice(*lists), Path(token) if token else None)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise BadSettings(f"{path} cannot be read ({error}); it has hub, token_file, {', '.join(_LISTS)}") from None
