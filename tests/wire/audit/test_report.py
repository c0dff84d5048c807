"""Tests of wire/audit/report.py: a person and a program read the same, and every code word says what it means."""

import orjson

from wire.audit.report import CHECKS, CODES, Report, Severity
from wire.reasons import EXPLANATIONS


def test_every_code_belongs_to_a_check_and_every_check_has_one() -> None:
    assert {meaning.check for meaning in CODES.values()} == set(CHECKS)
    assert all(meaning.meaning and not meaning.meaning.endswith(".") for meaning in CODES.values())


def test_refusals_have_the_words_that_they_have_everywhere() -> None:
    assert {str(reason) for reason, told in EXPLANATIONS.items() if told.step < 8} <= set(CODES)


def report_with(*codes: str) -> Report:
    report = Report("DIR", "exercise.example", size=9, root="root")
    report.done["chains"] = 9
    for code in codes:
        report.findings.add(code, "this", "that", index=3, organization="xa-centre", token="…")
    return report


def test_what_was_found_never_commands_the_terminal() -> None:
    report = report_with()
    report.findings.add("gap", "\x1b[2J\nEverything that was checked holds", "that", organization="\x9bm")
    text = report.text()
    assert not {"\x1b", "\x9b"} & set(text)
    assert not any(line.startswith("Everything") for line in text.splitlines())


def test_errors_and_warnings_fail_and_notices_do_not() -> None:
    assert report_with().status == 0
    for code, meaning in CODES.items():
        assert report_with(code).status == (meaning.severity is not Severity.NOTICE), code


def test_a_check_is_passed_failed_or_not_checked() -> None:
    results = report_with("gap", "back-dated").verdicts()
    assert (results["chains"], results["time"], results["tree"]) == ("fail", "not checked", "not checked")
    assert report_with().verdicts()["chains"] == "pass"


def test_the_json_report_has_every_finding_with_its_evidence() -> None:
    document = orjson.loads(orjson.dumps(report_with("gap", "gap", "body-absent").document()))
    assert document["counts"] == {"gap": 2, "body-absent": 1}
    assert document["findings"][0] == {
        "severity": "error", "code": "gap", "index": 3, "organization": "xa-centre", "found": "this",
        "expected": "that", "evidence": {"token": "…"},
    }  # fmt: skip
    assert document["result"] == "fail"


def test_a_person_reads_the_gravest_first_and_how_many_more_there_are() -> None:
    text = report_with("body-absent", *["gap"] * 30).text()
    assert text.index("error: gap × 30") < text.index("warning: body-absent × 1")
    assert "entry 3, xa-centre: found this; expected that" in text
    assert "… and 10 more" in text
    assert "does not hold" in text
    assert "It proves who published what, not that it is correct" in report_with().text()


def test_an_audit_that_stopped_in_one_check_leaves_the_others_as_they_are() -> None:
    report = report_with()
    report.done["view"] = 3
    report.stop("nothing answers", "view")
    assert (report.verdicts()["view"], report.verdicts()["chains"], report.status) == ("not checked", "pass", 1)
    assert report.document()["result"] == "stopped"
    assert report_with().document()["stopped"] is None
    report.findings.add("gap", "this", "that")
    assert report.document()["result"] == "fail"


def test_what_others_wrote_does_not_steer_a_terminal() -> None:
    report = report_with()
    report.findings.add("record-differs", "\x1b[2J\x1b[H all holds", "\x07that\nand more")
    shown = report.text()
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "expected \N{REPLACEMENT CHARACTER}that and more" in shown


def test_damage_to_a_copy_is_told_where_it_may_be_that_and_not_where_the_log_signed_it() -> None:
    for code, told in (("body-altered", True), ("root-mismatch", True), ("inconsistent", False), ("gap", False)):
        for copy in (True, False):
            report = report_with(code)
            report.copy = copy
            assert ("This is a copy." in report.text()) == (copy and told), code
