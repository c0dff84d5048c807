"""The hub's checks over HTTP: for operators alone, and only where there is a hub to check."""

from pathlib import Path

from hub.operating.health import Senses
from tests.hub.operating.operators import Office
from tests.hub.published import Published


def test_operators_get_the_checks_and_nobody_else_does(small_network: Published, directory: Path) -> None:
    office = Office(small_network, senses=Senses(directory=directory))
    assert office.client(None).get("/api/v1/doctor").status_code == 401
    assert office.client("member").get("/api/v1/doctor").status_code == 403
    found = office.client().get("/api/v1/doctor")
    assert found.headers["cache-control"] == "private, no-cache"
    form = found.json()
    assert form["network"] == "exercise.example"
    assert next(each for each in form["checks"] if each["name"] == "log")["result"] == "pass"


def test_a_process_that_only_reads_says_so(small_network: Published) -> None:
    answer = Office(small_network).client().get("/api/v1/doctor", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("no-hub-here")
