"""The measurement of audits measures something: a small log is audited whole, and nothing is found in it."""

from tests.bench.audit import measure_audit


def test_a_small_audit_reports_its_rate_and_its_ratio_to_raw_verification() -> None:
    result = measure_audit(200, workers=1)
    assert result["audit_entries"] == 200 + 51
    assert float(str(result["audit_entries_per_second"])) > 0
    assert 0 < float(str(result["audit_over_verify_limit"])) < 2
