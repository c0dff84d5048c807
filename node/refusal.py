"""The answer to a change that is not made, and those that are given in several places."""

from schemas.problems import Problem
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence


class Refusal(ValueError):
    """The change is not made. `reason` is a word of the contract, or of this node; `problems` name the fields.

    The message is a sentence (schemas/sentences.py): pages show it in the reader's language.
    """

    def __init__(self, reason: str, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.problems = problems


_NO_STATE = N_("{kind}/{record_id} is not a record of this node; liaison-node list shows those that are")
_ENDED = {
    "withdrawn": N_("{kind}/{record_id} is withdrawn already; liaison-node list shows those that are not"),
    "erased": N_("{kind}/{record_id} is erased already; liaison-node list shows those that are not"),
}


def no_record(kind: str, record_id: str) -> Refusal:
    """Say that this node has no such record."""
    message = sentence(
        "{kind}/{record_id} is not a record of this node", kind=kind[:40], record_id=record_id[:80]
    )  # fmt: skip
    return Refusal("not-found", message)


def has_ended(kind: str, record_id: str, state: str | None) -> Refusal:
    """Say that a record is in this state, or is not there at all, so that nothing can be done with it."""
    message = _NO_STATE if state is None else _ENDED[state]
    return Refusal("not-found", sentence(message, kind=kind, record_id=record_id))


def signs_nothing(alarm: str, text: str | None, way_out: str = "") -> Refusal:
    """Say that an alarm stands by which nothing is signed."""
    message = sentence("nothing is signed any more: {cause}", cause=text)
    return Refusal(alarm, f"{message}. {way_out}" if way_out else message)


def bad_reason(least: int, most: int, found: int) -> Refusal:
    """Say that a reason is too short or too long, in characters."""
    message = sentence("a reason has {least} to {most} characters, {n} found", least=least, most=most, n=found)
    return Refusal("schema-invalid", message)


def not_taken_back(kind: str, record_id: str) -> Refusal:
    """Say that what others have cannot be kept here only."""
    message = sentence(
        "{kind}/{record_id} was given to the network and cannot be taken back by a marking or a draft: withdraw it "
        "first",
        kind=kind, record_id=record_id,
    )  # fmt: skip
    return Refusal("marking-violated", message)
