"""Base64url: one text for one value, and nothing else is read."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.encoding import b64url, from_b64url


@given(st.binary(max_size=200))
def test_encoding_is_base64url_without_padding_and_decoding_undoes_it(data: bytes) -> None:
    text = b64url(data)
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert from_b64url(text) == from_b64url(text.encode()) == data


@given(st.binary(max_size=60) | st.from_regex(rb"[A-Za-z0-9_-]{0,60}", fullmatch=True))
def test_what_is_read_is_the_one_text_of_its_value(text: bytes) -> None:
    one_text = False
    if re.fullmatch(rb"[A-Za-z0-9_-]*", text) and len(text) % 4 != 1:
        one_text = b64url(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))).encode() == text
    try:
        data = from_b64url(text)
    except ValueError:
        assert not one_text
    else:
        assert one_text
        assert b64url(data).encode() == text


@pytest.mark.parametrize(
    "text", ["AA==", "A", "AB", "AAB", "AA+A", "AA/A", "AA A", "AAA\n", " AAA", "AAÄA", "AA.A", "=", "A==="]
)
def test_padding_foreign_letters_and_loose_bits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not base64url"):
        from_b64url(text)


def test_another_size_than_the_expected_one_is_refused_with_both() -> None:
    with pytest.raises(ValueError, match="3 bytes found, 32 expected"):
        from_b64url("AAAA", size=32)
