"""Tests of people/log_ins.py: who gets in, who does not, and what is kept of it."""

from contextlib import ExitStack
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select, update

from people import log_ins as module
from people.attempts import Outcome, list_log_ins
from people.passwords import IN_LINE, BadPassword, Passwords, TooBusy
from people.rules import Person
from tests.people.desks import CAFE, HOME, PASSWORD, RULES, TABLES, Desk, people, tokens


@pytest.fixture
def desk(sqlite_engine: Engine) -> Desk:
    return Desk(sqlite_engine)


def outcomes(desk: Desk) -> list[tuple[str, str | None]]:
    with desk.engine.connect() as connection:
        return [(each["outcome"], each["name"]) for each in list_log_ins(connection, TABLES.log_ins)]


def test_a_person_sets_the_password_with_the_code_and_is_logged_in(any_engine: Engine) -> None:
    desk = Desk(any_engine)
    found = desk.first()
    assert found.person == Person("operator", "Amina Warsame", 1)
    assert found.session is not None
    assert desk.log_ins.person(found.session) == found.person
    again = desk.enter()
    assert (again.outcome, again.person) == (Outcome.LOGGED_IN, found.person)
    assert outcomes(desk) == [("logged in", "amina"), ("first log-in", "amina")]


def test_a_code_is_good_once_and_for_its_days(desk: Desk) -> None:
    assert desk.first().session
    assert desk.first().outcome is Outcome.UNKNOWN_CODE
    with desk.engine.begin() as connection:
        desk.code = people.reset(connection, "amina", desk.clock(), days=2)
    desk.clock.wait(days=2, seconds=1)
    assert desk.first().outcome is Outcome.UNKNOWN_CODE


def test_a_code_is_found_however_it_is_typed(desk: Desk) -> None:
    desk.code = f"  {desk.code.upper().replace('-', ' ')} "
    assert desk.first().session


def test_a_bad_password_does_not_use_up_the_code(desk: Desk) -> None:
    with pytest.raises(BadPassword, match="at least 12"):
        desk.log_ins.by_code(desk.code, "short", HOME)
    assert desk.first().session


def test_nobody_logs_in_without_the_password_and_all_are_told_the_same(desk: Desk) -> None:
    never_set = desk.enter()
    desk.first()
    wrong, unknown = desk.enter("wrong horse battery"), desk.enter(name="somebody")
    with desk.engine.begin() as connection:
        people.disable(connection, "amina")
    disabled = desk.enter()
    told = [(each.session, each.person, each.wait) for each in (never_set, wrong, unknown, disabled)]
    assert told == [(None, None, 0)] * 4
    assert [outcome for outcome, _ in outcomes(desk)][:3] == ["disabled", "unknown name", "wrong password"]


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the time it takes would tell which accounts there are."""
    desk.first()
    worked: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, stored: str, password: str) -> bool:
        worked.append(stored.rpartition("$")[0].rpartition("$")[0])
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    desk.enter("wrong horse battery")
    desk.enter(name="somebody")
    with desk.engine.begin() as connection:
        people.disable(connection, "amina")
    desk.enter()
    assert len(worked) == 3
    assert len(set(worked)) == 1, "the same parameters"


def test_a_name_that_is_no_account_s_is_not_kept_for_it_may_be_a_password(desk: Desk) -> None:
    desk.enter(name="my secret password")
    assert outcomes(desk) == [("unknown name", None)]


def test_every_log_in_begins_a_session_of_a_new_name_and_ends_the_one_before(desk: Desk) -> None:
    """Session fixation: what a browser was given before its owner logged in is worth nothing afterwards."""
    planted = "chosen-by-an-attacker"
    found = desk.log_ins.by_code(desk.code, PASSWORD, replace(HOME, session=planted))
    assert found.session is not None
    assert found.session != planted
    assert desk.log_ins.person(planted) is None
    again = desk.enter(by=replace(HOME, session=found.session))
    assert again.session != found.session
    assert desk.log_ins.person(found.session) is None


def test_a_session_ends_unused_and_after_its_longest_time(desk: Desk) -> None:
    session = desk.first().session or ""
    for _ in range(11):
        desk.clock.wait(hours=1)
        assert desk.log_ins.person(session), "used, it lasts"
    desk.clock.wait(hours=1.1)
    assert desk.log_ins.person(session) is None, "twelve hours are the most for an operator"
    idle = desk.enter().session or ""
    desk.clock.wait(hours=2.1)
    assert desk.log_ins.person(idle) is None


def test_all_sessions_end_with_a_new_password_and_when_the_account_is_disabled(desk: Desk) -> None:
    first, other = desk.first(), desk.enter(by=CAFE)
    changed = desk.log_ins.change_password(1, PASSWORD, "another horse entirely", HOME)
    assert [desk.log_ins.person(each.session or "") is None for each in (first, other, changed)] == [True, True, False]
    assert desk.enter().session is None
    assert desk.enter("another horse entirely").session
    with desk.engine.begin() as connection:
        people.disable(connection, "amina")
    assert desk.log_ins.person(changed.session or "") is None


def test_a_password_is_not_changed_without_the_old_one_or_to_a_bad_one(desk: Desk) -> None:
    desk.first()
    assert desk.log_ins.change_password(1, "wrong horse", "another horse entirely", HOME).session is None
    with pytest.raises(BadPassword):
        desk.log_ins.change_password(1, PASSWORD, "amina amina amina", HOME)
    assert desk.enter().session


def test_who_logs_out_is_out(desk: Desk) -> None:
    session = desk.first().session
    desk.log_ins.log_out(replace(HOME, session=session))
    assert desk.log_ins.person(session or "") is None
    assert outcomes(desk)[0] == ("logged out", "amina")


def test_a_session_by_token_ends_when_the_token_is_removed(any_engine: Engine) -> None:
    desk = Desk(any_engine)
    token = "a token of thirty-two bytes, sure"
    with any_engine.begin() as connection:
        row = {"digest": token.encode()[:32], "name": "Reader of the secretariat", "role": "member"}
        connection.execute(tokens.insert().values(row))
    found = desk.log_ins.by_token(f" {token}\n", HOME)
    assert found.person == Person("member", "Reader of the secretariat")
    assert desk.log_ins.person(found.session or "") == found.person
    assert desk.log_ins.by_token("no token", HOME).outcome is Outcome.UNKNOWN_BEARER
    with any_engine.begin() as connection:
        connection.execute(tokens.delete())
    assert desk.log_ins.person(found.session or "") is None


def test_an_old_hash_is_made_anew_when_its_owner_logs_in(sqlite_engine: Engine) -> None:
    desk = Desk(sqlite_engine)
    desk.first()
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    later = Desk.__new__(Desk)
    later.engine, later.clock = sqlite_engine, desk.clock
    later.log_ins = module.LogIns(sqlite_engine, RULES, desk.clock, stronger)
    assert later.enter().session
    with sqlite_engine.connect() as connection:
        assert "$m=16,t=2,p=1$" in str(connection.scalar(select(TABLES.accounts.c.password)))
    assert later.enter().session


def test_a_password_that_is_reset_while_it_is_checked_lets_nobody_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.first()
    fits = Passwords.fits

    def slowly(self: Passwords, stored: str | None, password: str) -> bool:
        found = fits(self, stored, password)
        with desk.engine.begin() as connection:
            people.reset(connection, "amina", desk.clock())
        return found

    monkeypatch.setattr(Passwords, "fits", slowly)
    assert desk.enter().session is None


def test_no_secret_is_in_the_database(any_engine: Engine) -> None:
    desk = Desk(any_engine)
    found = desk.first()
    with any_engine.connect() as connection:
        stored = "".join(str(connection.execute(select(table)).all()) for table in (
            TABLES.accounts, TABLES.sessions, TABLES.known_browsers, TABLES.log_ins, TABLES.back_off,
        ))  # fmt: skip
    assert [secret for secret in (PASSWORD, desk.code, found.session, found.browser) if str(secret) in stored] == []
    assert "$argon2id$" in stored


def test_guessing_is_slowed_down_and_a_right_password_does_not_help_while_one_must_wait(desk: Desk) -> None:
    desk.first()
    assert desk.fail(5) == [0] * 5
    held = desk.enter()
    assert (held.outcome, held.session, held.wait) == (Outcome.MUST_WAIT, None, 1)
    desk.clock.wait(seconds=2)
    assert desk.enter().session, "and nobody is locked out for long"


def test_a_flood_of_attempts_that_must_wait_is_counted_and_not_written_down(desk: Desk) -> None:
    desk.first()
    desk.fail(5)
    rows = len(outcomes(desk))
    assert all(desk.fail(20))
    assert len(outcomes(desk)) == rows + 1, "the first of them is written down"
    assert desk.log_ins.counted[Outcome.MUST_WAIT] == 20


def test_a_crowd_at_the_door_is_sent_away_at_once(desk: Desk) -> None:
    desk.first()
    with ExitStack() as line:
        for _ in range(IN_LINE):
            line.enter_context(desk.log_ins._passwords.in_line())
        for attempt in (desk.enter, lambda: desk.log_ins.by_token("x", HOME), desk.first):
            with pytest.raises(TooBusy):
                attempt()
    assert desk.enter().session


def test_waiting_survives_a_restart(desk: Desk) -> None:
    desk.first()
    desk.fail(5)
    desk.log_ins = module.LogIns(desk.engine, RULES, desk.clock)
    assert desk.enter().outcome is Outcome.MUST_WAIT


def test_an_attacker_elsewhere_does_not_lock_a_person_out(desk: Desk) -> None:
    browser = desk.first().browser
    for number in range(14):  # from many addresses, until the account itself is held back
        desk.fail(4, by=module.From(f"203.0.113.{number}"))
    assert desk.enter(by=CAFE).outcome is Outcome.MUST_WAIT, "a browser that nobody knows waits, a minute at most"
    assert desk.enter(by=CAFE).wait <= 60
    assert desk.enter(by=replace(CAFE, browser=browser)).session, "its owner's own browser does not"


def test_a_known_browser_is_no_way_around_waiting(desk: Desk) -> None:
    browser = desk.first().browser
    known = replace(HOME, browser=browser)
    assert desk.fail(6, by=known)[-1] > 0
    with desk.engine.begin() as connection:
        people.add(connection, "other", "member", desk.clock())
    desk.fail(25, name="other", by=replace(CAFE, browser=browser))
    assert desk.enter(name="other", by=replace(CAFE, browser=browser)).wait > 0, "it is known for amina alone"


def test_attempts_are_kept_within_bounds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 50)
    with desk.engine.begin() as connection:
        row = {"at": "2026-01-01T00:00:00.000Z", "outcome": "wrong password", "address": ""}
        connection.execute(TABLES.log_ins.insert(), [row] * 199)
    desk.enter(name="nobody")
    with desk.engine.connect() as connection:
        kept = [each["outcome"] for each in list_log_ins(connection, TABLES.log_ins, limit=1000)]
    assert kept == ["unknown name"], "old ones go"


def test_attempts_are_counted_since_the_start(desk: Desk) -> None:
    desk.first()
    desk.fail(2)
    assert desk.log_ins.counted == {Outcome.FIRST: 1, Outcome.WRONG: 2}


def test_a_password_that_is_far_too_long_is_not_worked_on_at_length(desk: Desk) -> None:
    desk.first()
    with desk.engine.begin() as connection:
        long = Passwords().hash("x" * 200)
        connection.execute(update(TABLES.accounts).values(password=long))
    assert desk.enter("x" * 100_000).session is None


def test_whom_somebody_else_has_identified_comes_in_unless_disabled(desk: Desk) -> None:
    found = desk.log_ins.vouched("amina", HOME)
    assert found.person == Person("operator", "Amina Warsame", 1)
    assert desk.log_ins.vouched("nobody", HOME).session is None
    with desk.engine.begin() as connection:
        people.disable(connection, "amina")
    assert desk.log_ins.vouched("amina", HOME).outcome is Outcome.DISABLED
