"""A misspelled variable is told with the name that was meant, and without what it holds."""

import pytest
from structlog.testing import capture_logs

from wire.environment import unknown_variables, warn_of_unknown

PREFIX = "LIAISON_" + "X_"  # a name of its own: those in tests count as used
KNOWN = {PREFIX + name for name in ("DATABASE", "PROXIES", "BUS")}


@pytest.mark.parametrize(("name", "nearest"), [("PROXYS", "PROXIES"), ("DATABSE", "DATABASE"), ("BUSS", "BUS")])
def test_an_unknown_variable_is_told_with_the_nearest_known_name_and_not_with_its_value(
    name: str, nearest: str
) -> None:
    (said,) = unknown_variables({PREFIX + name: "very-secret", "PATH": "/bin"}, PREFIX, KNOWN)
    assert f"{PREFIX}{name} is not known" in said
    assert f"is {PREFIX}{nearest}." in said
    assert "very-secret" not in said


def test_known_ones_and_those_of_other_software_are_passed_over() -> None:
    assert unknown_variables(dict.fromkeys([*KNOWN, "OTHER_X_BUSS", "LIAISON_" + "BUSS"], ""), PREFIX, KNOWN) == []


def test_where_only_what_is_alike_counts_others_are_passed_over() -> None:
    environment = {PREFIX + "ANYTHING": "", PREFIX + "BUSS": ""}
    assert len(unknown_variables(environment, PREFIX, KNOWN, 0.9)) == 1


def test_a_service_warns_of_each_and_goes_on() -> None:
    with capture_logs() as logged:
        warn_of_unknown({PREFIX + "BUSS": "", PREFIX + "PROXYS": ""}, PREFIX, KNOWN)
    assert [each["log_level"] for each in logged] == ["warning", "warning"]
