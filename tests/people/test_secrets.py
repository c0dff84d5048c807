"""Tests of people/secrets.py: long enough, never twice, and codes that survive being copied by hand."""

import re

from people.secrets import digest, new_code, new_secret, typed_code


def test_secrets_and_codes_are_random_and_long_enough() -> None:
    assert len({new_secret() for _ in range(100)} | {new_code() for _ in range(100)}) == 200
    assert re.fullmatch(r"[\w-]{43}", new_secret())
    assert re.fullmatch(r"([a-z2-7]{4}-){7}[a-z2-7]{4}", new_code())


def test_a_code_is_the_same_in_capitals_and_with_other_blanks() -> None:
    code = new_code()
    for typed in (code, code.upper(), f" {code.replace('-', ' ')}\n", code.replace("-", "")):
        assert typed_code(typed) == code


def test_any_text_has_a_digest() -> None:
    assert {len(digest(text)) for text in ("", "x" * 10_000, "\udcff", "\x00")} == {32}
