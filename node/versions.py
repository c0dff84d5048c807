"""Which version of a record stands: what an ETag tells, and what If-Match and If-None-Match are held against."""

import hashlib
import re
from typing import NamedTuple

import orjson
from sqlalchemy import select

from node import tables
from node.store import Kept, Writing
from node.store.reading import LOCAL
from wire.encoding import b64url

MAX_HEADER = 4_000
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(rf"{_TAG.pattern}(?:[ \t]*,[ \t]*{_TAG.pattern})*")


class BadTags(ValueError):
    """A header that holds no entity tags."""


class Tags(NamedTuple):
    """The entity tags of a header; `anything` for `*`."""

    strong: tuple[str, ...]
    weak: tuple[str, ...]
    anything: bool = False

    def name(self, version: str | None) -> bool:
        """Whether a version is among them; None is a record that is not there. Weak tags name no version (RFC 9110)."""
        if version is None:
            return False
        return self.anything or any(tag.partition(".")[0] == version for tag in self.strong)

    def hold(self, tag: str) -> bool:
        """Whether an ETag, as it was sent, is among them: the answer is the one that is known already."""
        return self.anything or tag.strip('"') in (*self.strong, *self.weak)


def read_tags(header: str) -> Tags:
    """Read If-Match or If-None-Match; BadTags says what was expected."""
    text = header.strip()
    if text == "*":
        return Tags((), (), anything=True)
    if len(text) > MAX_HEADER or not _LIST.fullmatch(text):
        raise BadTags('Entity tags in quotation marks were expected, as in the header ETag: "…", or *.')
    found = [(match[1], match[2]) for match in _TAG.finditer(text)]
    return Tags(tuple(tag for weak, tag in found if not weak), tuple(tag for weak, tag in found if weak))


def version_of(kept: Kept, statement: bytes | None) -> str:
    """Name a version: by the hash of its statement once it is said, else by what is kept here."""
    if statement is not None and kept.state != LOCAL:
        return b64url(statement)
    parts = (
        kept.kind.encode(),
        kept.id.encode(),
        kept.marking.encode(),
        kept.state.encode(),
        *map(str.encode, kept.recipients),
    )
    return b64url(hashlib.sha256(b"\0".join((*parts, bytes(kept.content)))).digest())


def entity_tag(version: str, document: object) -> str:
    """Give the ETag of an answer: the version, and after a full stop what else can change, as how far it has come."""
    return f'"{version}.{b64url(hashlib.sha256(orjson.dumps(document)).digest()[:9])}"'


def standing(writing: Writing, address: tuple[str, str]) -> str | None:
    """Name the version that stands in this transaction, None if there is none."""
    kept = writing.kept([address]).get(address)
    if kept is None:
        return None
    table = tables.statements
    query = select(table.c.hash).where(table.c.sequence == kept.sequence)
    found = None if kept.sequence is None else writing.connection.execute(query).scalar()
    return version_of(kept, None if found is None else bytes(found))
