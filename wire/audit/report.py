"""What an audit finds: each finding with its code word, place and evidence; all of them, but not without end."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from schemas.readable import readable_line
from wire.reasons import EXPLANATIONS

MOST_OF_A_KIND: Final = 1_000
MOST_EVIDENCE: Final = 50_000_000  # letters of evidence in all; later findings go without
# What a damaged copy gives as well. Where the entries lead to the root that the log signed, all else is the log's own.
_BY_DAMAGE: Final = frozenset(
    {
        "part-missing", "root-mismatch", "tile-mismatch", "checkpoint-forged", "body-altered", "body-absent",
        "registry-refused",
    }
)  # fmt: skip
_OF_A_COPY: Final = (
    "\nThis is a copy. What is missing or altered in it may be damage to the copy, and is proof against nobody until\n"
    "liaison mirror HUB DIR --check has got it again from the hub, and another audit finds the same."
)
MOST_SHOWN: Final = 20  # of a kind, to a person; the JSON report has them all


class Severity(StrEnum):
    """An error is proof that somebody broke the rules; a warning needs an explanation; a notice is for judgement."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Meaning(NamedTuple):
    """How grave a code word is, which check it belongs to, and what it means."""

    severity: Severity
    check: str
    meaning: str


CHECKS: Final = {
    "checkpoint": "signed by the log, cosigned by a quorum of the witnesses",
    "tree": "every leaf and tile leads to the root that was signed",
    "history": "earlier checkpoints are beginnings of this log",
    "statements": "form, signature, and a key that was valid at that index",
    "chains": "each organization's sequence without gap, fork or repetition",
    "registry": "every action signed by enough roots, in its place",
    "seen": "the checkpoints that organizations saw are this log's",
    "exclusions": "the hub left out what was invalid, and nothing else",
    "bodies": "each body has the hash that was signed, or its absence is explained",
    "forks": "the evidence for each fork is one",
    "digest": "the view that the hub stated is what the statements give",
    "time": "times that are claimed lie between what was seen and when it was logged",
    "view": "the records that the hub shows are those of the log",
}
_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTICE
CODES: Final[dict[str, Meaning]] = {
    "checkpoint-forged": Meaning(_E, "checkpoint", "a checkpoint, or a cosignature on it, does not verify"),
    "no-quorum": Meaning(_E, "checkpoint", "fewer witnesses cosigned the checkpoint than the registry requires"),
    "not-witnessed": Meaning(_N, "checkpoint", "the network has no witnesses: only the log's own word stands"),
    "root-mismatch": Meaning(_E, "tree", "the entries do not give the root that the log signed"),
    "tile-mismatch": Meaning(_E, "tree", "a tile is not what the entries give"),
    "part-missing": Meaning(
        _E, "tree", "a part of the log is not there or has no possible form; nothing after it is read"
    ),
    "inconsistent": Meaning(
        _E, "history", "an earlier checkpoint is not a beginning of this log: history was rewritten"
    ),
    "rolled-back": Meaning(_E, "history", "the log is shorter than it was"),
    "awaited": Meaning(_W, "history", "an organization has not said again in the next log all that the lost one held"),
    "gap": Meaning(_E, "chains", "statements before this one are missing from the log"),
    "repeated": Meaning(_E, "chains", "a statement stands in the log twice"),
    "registry-refused": Meaning(_E, "registry", "an action that the roots did not decide, or not here"),
    "split-view": Meaning(_E, "seen", "an organization saw a root that this log never had: two histories were shown"),
    "excluded-valid": Meaning(_E, "exclusions", "the hub left out an event that is valid"),
    "shown-invalid": Meaning(_E, "exclusions", "an event is invalid, and the hub never left it out"),
    "exclusion-differs": Meaning(_E, "exclusions", "the hub left out an event for another reason than there is"),
    "exclusion-malformed": Meaning(_E, "exclusions", "the hub's statement names no entry before it, or no reason"),
    "body-altered": Meaning(_E, "bodies", "what is served as a body does not have the hash that was signed"),
    "body-absent": Meaning(_W, "bodies", "a public body is not there, and no order of erasure explains it"),
    "false-fork": Meaning(_E, "forks", "the hub says that an organization forked, and the evidence does not show it"),
    "view-wrong": Meaning(_E, "digest", "the view that the hub stated is not what the statements give"),
    "view-unclear": Meaning(_N, "digest", "a stated view was not recomputed: too old, or parts were not read"),
    "back-dated": Meaning(_N, "time", "a statement claims a time before the checkpoint that its author had seen"),
    "post-dated": Meaning(_N, "time", "a statement claims a time after it had been logged"),
    "record-differs": Meaning(_E, "view", "the hub shows a record that is not the one in the log"),
    "record-missing": Meaning(_E, "view", "the hub does not show a public record that stands in the log"),
    "record-unexplained": Meaning(
        _W, "view", "a public record is shown as disputed or erased, and nothing in the log says why"
    ),
    **{
        str(reason): Meaning(_E, "chains" if told.step == 7 else "statements", told.meaning)
        for reason, told in EXPLANATIONS.items()
        if told.step < 8
    },
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; `evidence` is what shows it, such as both notes of a split view."""

    severity: Severity
    code: str
    index: int | None
    organization: str | None
    found: str
    expected: str
    evidence: dict[str, Any] = field(default_factory=dict)


class Findings:
    """All findings, at most 1,000 of a kind in full; the rest is counted."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self._room = MOST_EVIDENCE
        self.counts: Counter[str] = Counter()

    def add(
        self, code: str, found: str, expected: str, *, index: int | None = None, organization: str | None = None,
        **evidence: Any,
    ) -> None:  # fmt: skip
        """Note one; its severity follows from its code."""
        self.counts[code] += 1
        self._room -= sum(len(value) for value in evidence.values() if isinstance(value, str))
        if self._room < 0:
            evidence = {}
        if self.counts[code] <= MOST_OF_A_KIND:
            self.kept.append(Finding(CODES[code].severity, code, index, organization, found, expected, evidence))

    def has(self, *severities: Severity) -> bool:
        """Whether anything of these severities was found."""
        return any(CODES[code].severity in severities for code in self.counts)


@dataclass
class Report:
    """What was audited, how much of each was checked, and what was found."""

    source: str
    network: str
    size: int = 0
    root: str = ""
    since: int = 0
    cosigners: list[str] = field(default_factory=list)
    quorum: int = 0
    done: Counter[str] = field(default_factory=Counter)  # how many of each check were made
    told: Counter[str] = field(default_factory=Counter)  # figures beside the checks
    seconds: float = 0.0
    findings: Findings = field(default_factory=Findings)
    copy: bool = False  # a mirror was read, not the log itself
    stopped: str = ""  # why the audit did not come to its end
    unfinished: set[str] = field(default_factory=set)  # checks that it was in then

    def stop(self, why: str, *checks: str) -> None:
        """Note that these checks did not come to their end: nobody is blamed for it, and nothing is proved by them."""
        self.stopped = why
        self.unfinished.update(checks)

    @property
    def status(self) -> int:
        """Exit status: 1 with errors or warnings, or if the audit stopped on the way."""
        return int(self._failed or bool(self.stopped))

    @property
    def _failed(self) -> bool:
        return self.findings.has(Severity.ERROR, Severity.WARNING)

    def verdicts(self) -> dict[str, str]:
        """Give each check's outcome: pass, fail or not checked."""
        failed = {CODES[code].check for code in self.findings.counts if CODES[code].severity is not Severity.NOTICE}
        passed = {check for check in CHECKS if self.done[check]} - self.unfinished
        return {check: "fail" if check in failed else "pass" if check in passed else "not checked" for check in CHECKS}

    def document(self) -> dict[str, Any]:
        """Give the report as JSON values."""
        checks = [
            {"check": check, "result": result, "made": self.done[check], "means": CHECKS[check]}
            for check, result in self.verdicts().items()
        ]
        return {
            "source": self.source,
            "network": self.network,
            "copy": self.copy,
            "checkpoint": {"size": self.size, "root": self.root, "cosigners": self.cosigners, "quorum": self.quorum},
            "since": self.since,
            "result": "fail" if self._failed else "stopped" if self.stopped else "pass",
            "stopped": self.stopped or None,
            "checks": checks,
            "figures": dict(sorted(self.told.items())),
            "seconds": round(self.seconds, 3),
            "counts": dict(sorted(self.findings.counts.items())),
            "findings": [asdict(finding) for finding in self.findings.kept],
        }

    def text(self) -> str:
        """Give the report for a person."""
        witnessed = f"cosigned by {len(self.cosigners)}, {self.quorum} needed" if self.quorum else "not witnessed"
        lines = [
            f"Audit of {self.source}: {self.network}",
            f"Log of {self.size} entries, root {self.root}, {witnessed}; entries read from {self.since} on",
            "",
        ]
        lines += [
            f"  {check:<11} {result:<12} {self.done[check]:>9,}  {CHECKS[check]}"
            for check, result in self.verdicts().items()
        ]
        lines += ["", *(f"  {what}: {number:,}" for what, number in sorted(self.told.items()))]
        for code, number in sorted(self.findings.counts.items(), key=lambda each: _grave(each[0])):
            lines += ["", f"{CODES[code].severity}: {code} × {number:,}: {CODES[code].meaning}"]
            shown = [finding for finding in self.findings.kept if finding.code == code]
            lines += [f"  {_line(finding)}" for finding in shown[:MOST_SHOWN]]
            if number > MOST_SHOWN:
                lines.append(f"  … and {number - MOST_SHOWN:,} more; --json has up to {MOST_OF_A_KIND:,} of each kind")
        if self.stopped:
            lines += ["", f"stopped: {readable_line(self.stopped)}"]
        lines += ["", self._last_line()]
        return "\n".join(lines) + "\n"

    def _last_line(self) -> str:
        rate = f" ({self.told['entries'] / self.seconds:,.0f} entries a second)" if self.seconds else ""
        if self._failed:
            damaged = self.copy and any(self.findings.counts[code] for code in _BY_DAMAGE)
            return f"The log does not hold what it promises: see above{rate}.{_OF_A_COPY if damaged else ''}"
        if self.stopped:
            return f"The audit stopped on the way, and proves nothing more than is said above{rate}."
        return f"Everything that was checked holds{rate}. It proves who published what, not that it is correct."


def _grave(code: str) -> tuple[int, str]:
    return list(Severity).index(CODES[code].severity), code


def _line(finding: Finding) -> str:
    place = [f"entry {finding.index}"] if finding.index is not None else []
    place += [str(finding.organization)] if finding.organization else []
    return readable_line(f"{', '.join(place) or 'log'}: found {finding.found}; expected {finding.expected}")
