"""What a request asks beside its change: only of this version (If-Match), and only once (Idempotency-Key)."""

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import Request

from node.done import Done
from node.refusal import Refusal
from node.store import Writing
from node.store.answered import MAX_KEYS, Key, OtherRequest, TooManyKeys, UnderWay, answered_before, keep_answer
from node.versions import BadTags, Tags, read_tags, standing

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
FAILED, KEY_REUSED, TOO_MANY, UNDER_WAY = "version-changed", "key-reused", "too-many-keys", "key-under-way"
VERSION_NEEDED: Final = "version-needed"


class Conditions:
    """Held in the transaction of the change itself: nobody comes between, and a crash leaves both or neither."""

    def __init__(
        self, address: tuple[str, str] | None = None, match: Tags | None = None, none_match: Tags | None = None,
        key: Key | None = None, now: int = 0,
    ) -> None:  # fmt: skip
        self._address = address
        self._match = match
        self._none_match = none_match
        self._key = key
        self._now = now
        self.replayed = False

    def before(self, writing: Writing) -> list[Done] | None:
        """Give what was done for the same key before; Refusal if a condition does not hold."""
        if self._key is not None:
            with keys_refused():
                found = answered_before(writing, self._key, self._now)
            if found is not None:
                self.replayed = True
                return [Done(*each) for each in found]
        if self._address is not None and not (self._match is self._none_match is None):
            self._check(standing(writing, self._address))
        return None

    def after(self, writing: Writing, done: list[Done]) -> None:
        """Keep what was done with the key."""
        if self._key is None:
            return
        with keys_refused():
            keep_answer(writing, self._key, done, self._now)

    def _check(self, version: str | None) -> None:
        found = "there is no such record" if version is None else f'found: "{version}"'
        if self._match is not None and not self._match.name(version):
            raise Refusal(FAILED, f"The record is not the version that If-Match names; {found}. Read it again.")
        if self._none_match is not None and self._none_match.name(version):
            raise Refusal(FAILED, f"If-None-Match asks that the record does not stand as it does; {found}.")


def conditions(request: Request, address: tuple[str, str] | None = None, body: bytes | None = None) -> Conditions:
    """Read the headers; `body` where the request takes an idempotency key. Refusal for what cannot be read."""
    return Conditions(
        address, tags_of(request, "if-match"), tags_of(request, "if-none-match"),
        None if body is None else key_of(request, body), int(time.time()),
    )  # fmt: skip


def check_version(request: Request, version: str | None, *, needed: bool = False) -> None:
    """Hold If-Match against the version that stands; Refusal if it is another, or if one must be named and is not."""
    tags = tags_of(request, "if-match")
    if tags is None and needed:
        raise Refusal(VERSION_NEEDED, 'Say what you have seen: If-Match with the ETag that it was read with, or "*".')
    if tags is not None and not tags.name(version):
        raise Refusal(FAILED, f'This is not the version that If-Match names; found: "{version}". Read it again.')


def tags_of(request: Request, name: str) -> Tags | None:
    """Read the entity tags of a header; Refusal `bad-header` for what is none."""
    given = request.headers.getlist(name)
    try:
        return read_tags(", ".join(given)) if given else None
    except BadTags as error:
        raise Refusal("bad-header", f"{name}: {error}") from None


@contextmanager
def keys_refused() -> Iterator[None]:
    """Make a Refusal of what cannot be done with an idempotency key."""
    try:
        yield
    except OtherRequest:
        raise Refusal(
            KEY_REUSED, "This Idempotency-Key came with another request in the last 24 hours: take a new one."
        ) from None
    except TooManyKeys:
        raise Refusal(
            TOO_MANY, f"This token has used {MAX_KEYS} keys in 24 hours, as many as are kept. Nothing was changed."
        ) from None
    except UnderWay:
        raise Refusal(
            UNDER_WAY, "What was asked with this Idempotency-Key has not ended, or was broken off. Look how it stands."
        ) from None


def key_of(request: Request, body: bytes) -> Key | None:
    """Read the idempotency key of a request; None without one, Refusal for what is none."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise Refusal("bad-header", "idempotency-key: one key of 1 to 255 visible ASCII characters was expected.")
    place = f"{request.url.path}?{request.url.query}".rstrip("?").encode()
    asked = b"\n".join((request.method.encode(), place, hashlib.sha256(body).digest()))
    digests = (hashlib.sha256(each).digest() for each in (given[0].encode(), asked))
    return Key(request.state.token, *digests)
