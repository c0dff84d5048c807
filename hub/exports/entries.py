"""What both feed formats are made of: the newest records as entries with permanent ids, and the way to older ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from hub.exports.asked import Newest, in_a_line
from hub.exports.batches import Item
from hub.exports.publishers import Publishers
from hub.exports.wording import permanent_id, summary_of, title_of
from hub.outside import Place
from hub.queries import Listed
from schemas.codelists import SCHEMES, label
from schemas.facets import facets

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Category:
    """What an entry is about: a code, the list it is of, and its label."""

    term: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One record in a feed. Titles and summaries are (language tag, text); `updated` is the author's clock."""

    id: str
    url: str
    title: tuple[str, str]
    summary: tuple[str, str]
    updated: str
    author: str
    categories: tuple[Category, ...]
    item: Item


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of a feed; `following` is the address of the page with older entries, None on the last."""

    id: str
    title: str
    subtitle: str
    language: str
    address: str
    home: str
    following: str | None
    as_of: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> str:
        """The newest time that an entry bears; of an empty feed, the time it was asked for."""
        return max((entry.updated for entry in self.entries), default=self.as_of)


def feed_of(
    place: Place, network: str, asked: Newest, found: Listed, publishers: Publishers, as_of: str, language: str
) -> Feed:
    """Make a page of a feed from the newest records that a filter chooses; erased ones have nothing to tell."""
    first = place.url.remove_query_params("before")
    following = None if found.next is None else str(place.url.include_query_params(before=found.next))
    root = place.root
    return Feed(
        id=f"https://{network}{first.path}{'?' if first.query else ''}{first.query}",
        title=f"{network}: {in_a_line(asked)}",
        subtitle=f"As of {as_of}. Entries bear the time that their authors gave them.",
        language=language,
        address=str(place.url),
        home=f"{root}/",
        following=following,
        as_of=as_of,
        entries=tuple(_entry(item, network, root, publishers, language) for item in found.items if "freshness" in item),
    )


def _entry(item: Item, network: str, root: str, publishers: Publishers, language: str) -> Entry:
    kind, org, id_ = item["kind"], item["org"], item["id"]
    title = title_of(item, language)
    return Entry(
        id=permanent_id(network, kind, org, id_),
        url=f"{root}/records/{kind}/{org}/{id_}",
        title=title,
        summary=summary_of(item, language) or title,
        updated=item["published"],
        author=publishers.name(org, language),
        categories=tuple(_categories(item, network)),
        item=item,
    )


def _categories(item: dict[str, Any], network: str) -> Iterator[Category]:
    yield Category(item["kind"], f"https://{network}/schemas", item["kind"])
    if item.get("record"):
        found = facets(item["kind"], item["record"], with_text=False)
        for scheme, code in found.themes:
            words = label(scheme, code) if scheme in SCHEMES else code
            yield Category(f"{scheme}:{code}", f"https://{network}/schemas/{item['kind']}/1", words)
