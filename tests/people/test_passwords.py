"""Tests of people/passwords.py: argon2id, one form of every password, and what is too easy."""

import threading

import pytest
from argon2 import PasswordHasher, Type

from people import passwords as module
from people.passwords import BadPassword, Passwords, TooBusy, check_new
from tests.people.desks import QUICK


def test_a_password_fits_its_own_hash_only() -> None:
    passwords = Passwords(QUICK)
    stored = passwords.hash("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert passwords.fits(stored, "correct horse battery")
    assert not passwords.fits(stored, "correct horse batterz")
    assert not passwords.fits(None, "correct horse battery")
    assert not passwords.fits("no hash at all", "correct horse battery")


def test_the_hash_of_nobody_has_the_form_and_the_cost_of_all_others() -> None:
    for hasher in (QUICK, PasswordHasher(time_cost=2, memory_cost=16, parallelism=2, hash_len=16, salt_len=8)):
        nobodys = Passwords(hasher)._nobodys
        assert not hasher.check_needs_rehash(nobodys)
        assert len(nobodys) == len(hasher.hash("x"))


def test_the_parameters_are_those_of_the_rfc_for_little_memory() -> None:
    hasher = Passwords()._hasher
    assert (hasher.type, hasher.time_cost, hasher.memory_cost, hasher.parallelism) == (Type.ID, 3, 65536, 4)


def test_a_password_is_one_however_a_keyboard_composes_it() -> None:
    passwords = Passwords(QUICK)
    assert passwords.fits(passwords.hash("cafe\u0301 au lait, deux"), "caf\u00e9 au lait, deux")


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12"),
        ("x" * 201, "at most 200"),
        ("abababababababab", "repeats"),
        ("Amina-is-my-name", "name of the account"),
        ("", "at least 12"),
    ],
)
def test_what_is_easily_guessed_is_no_password(password: str, says: str) -> None:
    with pytest.raises(BadPassword, match=says):
        check_new(password, "amina")


def test_the_messages_name_the_limits_that_hold() -> None:
    assert (module.MIN_LENGTH, module.MAX_LENGTH) == (12, 200)


def test_a_long_sentence_in_any_script_is_a_password() -> None:
    check_new("كلمة سر طويلة جدا", "amina")
    check_new("correct horse battery", "amina")


def test_only_a_few_hashes_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MiB: a crowd at the door must not take all memory."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.01)
    inside, go = threading.Semaphore(0), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            inside.release()
            go.wait(60)
            return super().hash(password, salt=salt)

    passwords = Passwords(Slow(time_cost=1, memory_cost=8, parallelism=1))
    busy = [threading.Thread(target=passwords.hash, args=("x",)) for _ in range(module.AT_ONCE)]
    for thread in busy:
        thread.start()
        assert inside.acquire(timeout=60)
    with pytest.raises(TooBusy):
        passwords.fits(None, "x")
    go.set()
    for thread in busy:
        thread.join(60)
    assert not passwords.fits(None, "x")
