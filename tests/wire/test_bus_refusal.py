"""Which words of a bus mean that it does not accept a key."""

import pytest

from wire.bus_refusal import refuses_key


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("nats: 'Authorization Violation'", True),
        ("User Authentication Revoked", True),
        ("[Errno 111] Connection refused", False),
        ("connected", False),
    ],
)
def test_only_a_refused_key_is_taken_for_one(said: str, expected: bool) -> None:
    assert refuses_key(said) is expected
