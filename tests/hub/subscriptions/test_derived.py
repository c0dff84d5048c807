"""Secrets and tokens: made from one key that only its owner reads, and each good for one thing alone."""

from pathlib import Path

import pytest

from hub.subscriptions.derived import CONFIRM, KEY_FILE, MANAGE, DerivedSecrets
from wire.keys import BadKey


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = DerivedSecrets.of_directory(tmp_path).webhook_secret("s", 1)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert DerivedSecrets.of_directory(tmp_path).webhook_secret("s", 1) == first


@pytest.mark.parametrize("damaged", [b"", b"00", b"no hexadecimal", b"\xff\xfe"])
def test_a_damaged_key_is_told_with_what_to_do(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(damaged)
    with pytest.raises(BadKey, match="32 bytes in hexadecimal and holds others; restore it from a backup"):
        DerivedSecrets.of_directory(tmp_path)


def test_every_subscription_and_every_number_has_a_secret_of_its_own() -> None:
    keys = DerivedSecrets(bytes(32))
    made = {keys.webhook_secret(name, number) for name in ("a", "b", "a 1") for number in (1, 2, 11)}
    assert len(made) == 9


def test_a_token_is_good_for_its_target_and_purpose_alone() -> None:
    keys = DerivedSecrets(bytes(32))
    token = keys.token(MANAGE, "abc")
    assert keys.target_of(MANAGE, token) == "abc"
    assert keys.target_of(CONFIRM, token) is None
    for wrong in (token[:-1], token + "A", "abd" + token[3:], "", ".", "abc.", "ä\udc80"):
        assert keys.target_of(MANAGE, wrong) is None
    assert DerivedSecrets(bytes([1] * 32)).target_of(MANAGE, token) is None
