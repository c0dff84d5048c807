"""The subjects of the bus (contract, section 5): who says what to whom, and how long it may be."""

from schemas.release import slug

EVENTS_STREAM = "EVENTS"
LOG_STREAM = "LOG"
CHECKPOINTS = "checkpoints"
TOKEN_HEADER = "Liaison-Token"  # noqa: S105 - the name of a header, not a secret
INDEX_HEADER = "Liaison-Index"


def events(organization: str, kind: str) -> str:
    """Node to hub: one event."""
    return f"events.{organization}.{kind}"


def heads(organization: str) -> str:
    """Node to hub: how far the chain goes."""
    return f"heads.{organization}"


def ask(organization: str, what: str) -> str:
    """Node asks hub: ping, head, events."""
    return f"ask.{organization}.{what}"


def witness(organization: str) -> str:
    """Node to hub: its cosignature of a checkpoint."""
    return f"witness.{organization}"


def receipts(organization: str) -> str:
    """Hub to one node: what was logged."""
    return f"receipts.{organization}"


def log(marking: str, kind: str, organization: str) -> str:
    """Hub to readers: one logged event."""
    return f"log.{slug(marking)}.{kind}.{organization}"
