"""Runs audits for tests, in this process."""

from pathlib import Path
from typing import Any

from tests.signed_network import TRUST
from tests.wire.audited_log import AuditedLog
from wire.audit.report import Report
from wire.audit.run import Audit, Wish
from wire.log_source import DirectoryLog, LogSource
from wire.trust import Trust


def audited(log: AuditedLog | LogSource, directory: Path, *, trust: Trust = TRUST, **wish: Any) -> Report:
    """Write the log as a directory and audit it."""
    source = DirectoryLog(log.write(directory)) if isinstance(log, AuditedLog) else log
    audit = Audit(source, trust, Wish(**wish), lambda _done, _total: None)
    report = audit.run()
    audit.save()
    return report


def found(report: Report) -> dict[str, list[int | None]]:
    """Give the indices of the findings by code, without notices of a network that has none of the witnesses."""
    codes: dict[str, list[int | None]] = {}
    for finding in report.findings.kept:
        codes.setdefault(finding.code, []).append(finding.index)
    return codes
