"""What a witness raises the alarm about: the names, what each one stops, and the evidence that stays."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from wire.durable_file import replace_durably

EVIDENCE_FOLDER = "evidence"


class Name(StrEnum):
    """The alarms, in the words of status, log and documentation."""

    SPLIT_VIEW = "split-view"  # the log signed two trees of which neither is the beginning of the other
    ROLLED_BACK = "rolled-back"  # the log's newest checkpoint is smaller than one that it signed before
    ALTERED = "altered"  # another entry stands where one of our statements must be
    DROPPED = "dropped"  # a statement of ours that a receipt, or a later one of ours, proves to be logged is not there
    STRANGER = "stranger"  # a statement in our name that this node does not know
    FOREIGN_KEY = "foreign-key"  # the roots have registered a key for our name that is not among this node's
    KEY_REVOKED = "key-revoked"  # the roots have revoked our signing key and registered none in its place
    FALSE_REPLACEMENT = "false-replacement"  # another log in place of this one that must not be
    LATE = "late"  # logged behind the place that a receipt had promised; told, and nothing is refused


# The witness key is another one, and others need its cosignatures.
COSIGNED_WITH = (Name.KEY_REVOKED, Name.LATE)
# With these nothing more is considered delivered: what the hub says about our own statements cannot be relied on.
UNDELIVERED = (Name.ALTERED, Name.DROPPED, Name.ROLLED_BACK)


class Finding(NamedTuple):
    """One reason for alarm; `size` is the size of the log, or the index in it, where it was found.

    `evidence` holds texts by name: signed notes, tokens, receipts, and what this node had expected.
    """

    name: Name
    text: str
    size: int
    evidence: Mapping[str, str]

    @property
    def stops(self) -> bool:
        """Whether something does not go on before a person has acted: cosigning, or what is signed being accepted."""
        return self.name is not Name.LATE

    @property
    def digest(self) -> bytes:
        """SHA-256 by which a finding is recognized when it is made again."""
        whole = {"name": str(self.name), "size": self.size, "evidence": dict(self.evidence)}
        return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).digest()


def evidence_path(directory: Path, finding: Finding) -> Path:
    """Name the file that holds the evidence."""
    return directory / EVIDENCE_FOLDER / f"{finding.name}-{finding.size}-{finding.digest.hex()[:12]}.json"


def keep_evidence(directory: Path, finding: Finding, at: str) -> Path:
    """Write what was found to DIR/evidence, mode 0600; what is there already stays as it is."""
    path = evidence_path(directory, finding)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    document: dict[str, Any] = {
        "alarm": str(finding.name), "at": at, "size": finding.size, "text": finding.text,
        "evidence": dict(finding.evidence),
    }  # fmt: skip
    if not path.exists():
        replace_durably(path, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
    return path
