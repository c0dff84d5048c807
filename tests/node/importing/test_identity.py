"""Ids of imported records: stable, separate, and silent about the key."""

import re

from node.importing.identity import derive_id


def test_the_same_key_has_the_same_id_and_the_form_of_a_record_id() -> None:
    first = derive_id(b"s" * 32, "who-jee", "KE|2017")
    assert first == derive_id(b"s" * 32, "who-jee", "KE|2017")
    assert re.fullmatch(r"[a-z0-9]{26}", first)


def test_another_secret_source_or_key_gives_another_id() -> None:
    ids = {
        derive_id(secret, source, key)
        for secret in (b"a" * 32, b"b" * 32)
        for source, key in (("ab", "c"), ("a", "bc"), ("a", "b"), ("a", ""))
    }
    assert len(ids) == 8
