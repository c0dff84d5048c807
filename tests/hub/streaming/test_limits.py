"""Tests of hub/streaming/limits.py: what the operator sets counts, and nonsense is named."""

import pytest

from hub.streaming.limits import LiveLimits, read_limits


def test_the_operator_s_numbers_count_and_what_is_not_set_has_a_default() -> None:
    assert read_limits({}) == LiveLimits(1500, 100, 1_000_000)
    said = {"LIAISON_HUB_LIVE_READERS": "9", "LIAISON_HUB_LIVE_READERS_PER_ADDRESS": "0"}
    assert read_limits({**said, "LIAISON_HUB_LIVE_REPLAY": "50"}) == LiveLimits(9, 0, 50)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "9999999999"])
def test_what_is_no_number_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="LIAISON_HUB_LIVE_READERS is"):
        read_limits({"LIAISON_HUB_LIVE_READERS": value})
