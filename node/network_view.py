"""What others say in the network, as far as this node may ask its hub: records like one of ours, needs that match."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from node.node import Node
from node.store.alike import likely_alike
from schemas.entry import Entry
from schemas.facets import facets
from schemas.words import index_words
from wire.client import HubClient, HubError, Params
from wire.keys import read_secret

NOT_ASKED = "not-asked"  # the trouble where the settings name no hub
SECONDS = 3.0  # a page does not wait longer for the hub
LIKE = 50  # records that are compared
SHOWN = 5
ALIKE = 0.5  # share of words in common from which two titles are taken for the same matter


Item = TypeVar("Item")


class View(NamedTuple):
    """Records in the hub's form, and why there are none, if they could not be asked for; `more`: the hub has more."""

    items: list[dict[str, Any]]
    trouble: str = ""
    more: bool = False


class Duplicates(NamedTuple):
    """What is like a record: of ours and of others, and why others could not be asked, if so."""

    own: list[dict[str, Any]]
    others: list[dict[str, Any]]
    trouble: str


def ask_hub(node: Node, asked: Params, seconds: float | None = None) -> View:
    """Ask the hub for records; an answer that does not come in time is trouble, never an error."""

    def ask(client: HubClient) -> View:
        page = client.get("/api/v1/records", asked)
        return View(list(page["items"]), more=page["next"] is not None)

    return _asked(node, ask, seconds)


def record_at_hub(node: Node, kind: str, organization: str, record_id: str, seconds: float | None = None) -> View:
    """Ask the hub for one record: one item, or trouble."""
    return _asked(node, lambda client: View([client.record(kind, organization, record_id)]), seconds)


def _asked(node: Node, ask: Callable[[HubClient], View], seconds: float | None) -> View:
    settings = node.settings
    if not settings.hub:
        return View([], NOT_ASKED)
    try:
        token = read_secret(Path(settings.hub_token_file)).decode().strip() if settings.hub_token_file else None
        with HubClient(settings.hub, token, read_seconds=SECONDS if seconds is None else seconds) as client:
            return ask(client)
    except (HubError, OSError, ValueError, KeyError, TypeError) as error:
        return View([], str(error)[:300] or type(error).__name__)


def possible_duplicates(node: Node, entry: Entry) -> Duplicates:
    """Give records of the same kind about the same places and themes with a title of like words."""
    found = facets(entry.kind, entry.record)
    words = set(index_words(found.title))
    asked: dict[str, Any] = {"kind": entry.kind, "limit": LIKE}
    if found.places:
        asked["place"] = list(found.places[:20])
    if found.themes:
        asked["theme"] = [f"{scheme}:{code}" for scheme, code in found.themes[:20]]
    view = ask_hub(node, asked)
    others = [each for each in view.items if each.get("org") != node.settings.organization]
    titled = [(title_of(each), each) for each in others if isinstance(each.get("record"), dict)]
    return Duplicates(_own_alike(node, entry, found.title), _most_alike(words, titled), view.trouble)


def _own_alike(node: Node, entry: Entry, title: str) -> list[dict[str, Any]]:
    """Give own records like one, read whole only once they are found to be."""
    likely = likely_alike(node.engine, entry.kind, title, ALIKE)
    titled = [(each.title, each.id) for each in likely if each.id != entry.id]
    ids = _most_alike(set(index_words(title)), titled)
    kept = node.grid.records(entry.kind, ids)
    own = {"kind": entry.kind, "org": node.settings.organization}
    return [{**own, "id": each, "record": kept[each].record} for each in ids if each in kept]


def _most_alike(words: set[str], titled: Sequence[tuple[str, Item]]) -> list[Item]:
    """Give what shares at least `ALIKE` of its title's words with these words, the most alike first."""
    ranked = [(_share(words, title), item) for title, item in titled]
    chosen = sorted((pair for pair in ranked if pair[0] >= ALIKE), key=lambda pair: -pair[0])
    return [item for _, item in chosen[:SHOWN]]


def title_of(item: dict[str, Any]) -> str:
    """Give the title of a record in the hub's form."""
    return facets(str(item.get("kind")), item["record"]).title


def _share(words: set[str], title: str) -> float:
    other = set(index_words(title))
    return len(words & other) / len(words | other) if words and other else 0.0
