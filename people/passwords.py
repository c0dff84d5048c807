"""Passwords: what may be one, and its argon2id hash, which is made anew when the parameters change."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ui.languages import gettext_noop as N_

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 200
MIN_LETTERS: Final = 5  # different ones
AT_ONCE: Final = 2  # each hash takes 64 MiB while it is made
IN_LINE: Final = 8  # who comes on top is sent away at once: a crowd at the door must not keep readers from their pages
PATIENCE_SECONDS: Final = 5.0
BUSY: Final = N_("Too many people log in at this moment. Try again in a minute.")


class BadPassword(ValueError):
    """A password that cannot be taken; the message says what to do."""


class TooBusy(Exception):
    """So many attempts at once that this one was not made."""


class Passwords:
    """argon2id with the parameters of RFC 9106 for little memory, unless tests say otherwise."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._line = threading.BoundedSemaphore(IN_LINE)
        # No password has this hash; to compare with it takes as long as with any other.
        of_nothing = self._hasher
        self._nobodys = (
            f"$argon2id$v=19$m={of_nothing.memory_cost},t={of_nothing.time_cost},p={of_nothing.parallelism}"
            f"${'A' * _letters(of_nothing.salt_len)}${'A' * _letters(of_nothing.hash_len)}"
        )

    def hash(self, password: str) -> str:
        """Give what is stored of a password, in PHC form."""
        with self._place():
            return self._hasher.hash(plain(password))

    def fits(self, stored: str | None, password: str) -> bool:
        """Whether a password is the stored one; without a stored one it takes as long, and is not."""
        with self._place():
            try:
                self._hasher.verify(stored or self._nobodys, plain(password))
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    def is_old(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def in_line(self) -> Iterator[None]:
        """Take part in logging in, with all that it costs; TooBusy if many do already."""
        if not self._line.acquire(blocking=False):
            raise TooBusy(BUSY)
        try:
            yield
        finally:
            self._line.release()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=PATIENCE_SECONDS):
            raise TooBusy(BUSY)
        try:
            yield
        finally:
            self._places.release()


def check_new(password: str, name: str) -> None:
    """Refuse what is easily guessed; length counts, not the sorts of characters (NIST SP 800-63B)."""
    given = plain(password)
    if len(given) < MIN_LENGTH:
        raise BadPassword(N_("The password is too short. Use at least 12 characters."))
    if len(password) > MAX_LENGTH or len(given) > MAX_LENGTH:
        raise BadPassword(N_("The password is too long. Use at most 200 characters."))
    if len(set(given.casefold())) < MIN_LETTERS:
        raise BadPassword(N_("The password repeats the same few characters. Choose several words."))
    if name in given.casefold() or given.casefold() in name:
        raise BadPassword(N_("The password contains the name of the account. Choose several other words."))


def plain(password: str) -> str:
    """Give a password in one form, however a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password[: MAX_LENGTH + 1].encode("utf-8", "replace").decode())


def _letters(octets: int) -> int:
    """Length of so many bytes in base64 without padding."""
    return (octets * 8 + 5) // 6
