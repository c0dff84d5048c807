"""What is found on one message: as it came, what it says, why it is refused or left out, and all of that together."""

from typing import Any, NamedTuple

from schemas.problems import Problem
from wire.jwe import Recipient
from wire.reasons import Reason
from wire.rotation import Rotation


class Message(NamedTuple):
    """An event as it came: the organization and kind of its bus subject, the token, and the body if there was one."""

    organization: str
    kind: str
    token: bytes
    body: bytes | None


class Said(NamedTuple):
    """What a statement says, lean enough for the hot path; hashes are 32 raw bytes.

    `seen` is as in the statement, size:root of a checkpoint that the speaker has cosigned, empty where there is none.
    """

    organization: str
    sequence: int
    previous: bytes
    kind: str
    record_id: str
    action: str
    marking: str
    time: str
    datahash: bytes
    type: str
    seen: str = ""
    encrypted: bool = False

    @property
    def seen_size(self) -> int:
        """The size of the checkpoint in `seen`; -1 where there is none."""
        return int(self.seen.partition(":")[0]) if self.seen else -1


class Refusal(NamedTuple):
    """Why a message does not enter the log: the reason, what was found and what was expected."""

    reason: Reason
    found: str
    expected: str


class Exclusion(NamedTuple):
    """Why a logged event does not enter the view: the reason, and the fields concerned."""

    reason: Reason
    problems: tuple[Problem, ...]


class Examined(NamedTuple):
    """The findings on one message. `signature` is None where the key was not known to the examiner.

    `rotation` is what a rotation's body proves; whether it is the committed key's only the registry knows.
    `recipients` are whom an encrypted body names: whether they are the right ones, only the registry knows.
    """

    hash: bytes
    kid: str
    said: Said | None
    refusal: Refusal | None
    signature: bool | None
    exclusion: Exclusion | None
    record: dict[str, Any] | None
    rotation: Rotation | None = None
    recipients: tuple[Recipient, ...] = ()
