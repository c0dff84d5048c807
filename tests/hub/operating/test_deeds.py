"""Tests of hub/operating/deeds.py: whatever becomes of an act is in the trail; what a form cannot ask is refused."""

import pytest
from sqlalchemy import Engine

from hub.access import Reader, Role
from hub.operating.acts import list_acts
from hub.operating.deeds import NO_HUB, Deeds, Operating, list_notes
from hub.operating.tables import maintenance
from tests.signed_network import NOON

AMINA = Reader(Role.OPERATOR, "Amina Warsame", 1)


def test_a_process_that_only_reads_decides_nothing_and_says_so(any_engine: Engine) -> None:
    deeds = Deeds(any_engine, Operating(), lambda: NOON)
    for number, deed in enumerate((deeds.suspend, deeds.reinstate, deeds.resend)):
        found = deed("xa-centre", "Because.", AMINA, f"form-{number}")
        assert (found["outcome"], found["answer"]) == ("refused", NO_HUB)
    assert deeds.counted == {("suspend", "refused"): 1, ("reinstate", "refused"): 1, ("resend", "refused"): 1}


def test_an_act_that_breaks_off_is_in_the_trail(sqlite_engine: Engine) -> None:
    def broken(_organization: str) -> None:
        raise RuntimeError("the loop has ended")

    deeds = Deeds(sqlite_engine, Operating(resend=broken), lambda: NOON)
    with pytest.raises(RuntimeError):
        deeds.resend("xa-centre", "", AMINA, "form-one")
    with sqlite_engine.connect() as connection:
        [act] = list_acts(connection)
    assert (act["outcome"], "interrupted" in act["answer"]) == ("refused", True)


def test_notes_are_kept_with_who_wrote_them_and_too_long_ones_are_not(any_engine: Engine) -> None:
    deeds = Deeds(any_engine, Operating(), lambda: NOON)
    assert deeds.note("xa-centre", "Called them.\nTwice.", AMINA, "form-one")["outcome"] == "done"
    assert deeds.note("xa-centre", "Called them.\nTwice.", AMINA, "form-one")["again"]
    assert deeds.note("xa-centre", "x" * 2001, AMINA, "form-two")["outcome"] == "refused"
    with any_engine.connect() as connection:
        assert list_notes(connection, "xa-centre") == [
            {"at": "2026-11-23T12:00:00.000Z", "who": "Amina Warsame", "text": "Called them.\nTwice."}
        ]


def test_a_node_has_one_window_of_maintenance_and_it_ends(any_engine: Engine) -> None:
    deeds = Deeds(any_engine, Operating(), lambda: NOON)
    deeds.maintain("xa-centre", "2", "Disks.", AMINA, "form-one")
    deeds.maintain("xa-centre", "24", "More disks.", AMINA, "form-two")
    assert deeds.maintain("xa-centre", "0", "None.", AMINA, "form-three")["outcome"] == "refused"
    with any_engine.connect() as connection:
        [window] = connection.execute(maintenance.select()).all()
    assert (window.ends, window.reason) == ("2026-11-24T12:00:00.000Z", "More disks.")
    assert deeds.end_maintenance("xa-centre", "", AMINA, "form-four")["outcome"] == "done"
    assert deeds.end_maintenance("xa-centre", "", AMINA, "form-five")["answer"] == "There is no maintenance to end."
