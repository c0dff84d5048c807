"""A feed as JSON Feed 1.1."""

from typing import Any, Final

import orjson

from hub.exports.entries import Entry, Feed

MEDIA_TYPE: Final = "application/feed+json"
VERSION: Final = "https://jsonfeed.org/version/1.1"
# Our own members, under a name that begins with an underscore as the format wants it.
_OURS: Final = ("kind", "org", "id", "marking", "status", "freshness", "index", "statement", "action", "sequence")


def json_feed(feed: Feed) -> bytes:
    """Write the feed."""
    document: dict[str, Any] = {
        "version": VERSION,
        "title": feed.title,
        "description": feed.subtitle,
        "language": feed.language,
        "home_page_url": feed.home,
        "feed_url": feed.address,
    }
    if feed.following:
        document["next_url"] = feed.following
    document["_liaison"] = {"as_of": feed.as_of}
    document["items"] = [_item(entry) for entry in feed.entries]
    return orjson.dumps(document)


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title[1],
        "language": entry.title[0],
        "content_text": entry.summary[1],
        "date_modified": entry.updated,
        "authors": [{"name": entry.author}],
        "tags": [category.label for category in entry.categories],
        "_liaison": {name: entry.item[name] for name in _OURS if name in entry.item},
    }
