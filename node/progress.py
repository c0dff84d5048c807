"""How far the outbox has come, decided without I/O: what to send next, when to send again, when to stop."""

from enum import StrEnum

from schemas.sentences import sentence
from wire.encoding import from_b64url
from wire.receipts import Judgement, Receipt

WINDOW = 20_000  # events that may be on the bus without a receipt
SAME_NEXT_SECONDS = 5.0
STALLED_SECONDS = 10.0
PROOF_SECONDS = 10.0
RETRY_SECONDS = 30.0
# As the hub names the state of a node in its receipts: it takes nothing from one of these.
STANDING_STILL = ("suspended", "retired", "forked")


# What the hub takes though it takes nothing else, and in which of these states.
EXEMPT = {"key.rotated": ("suspended", "forked"), "erasure.ordered": ("suspended",)}


class Alarm(StrEnum):
    """Why nothing may be signed or sent any more until a person has acted."""

    DIVERGED = "diverged"
    BEHIND_HUB = "behind-hub"
    RESTORED = "restored"


class Alarmed(Exception):
    """A receipt shows that this chain and the logged one are not the same."""

    def __init__(self, alarm: Alarm, text: str) -> None:
        super().__init__(text)
        self.alarm = alarm
        self.text = text


class Progress:
    """Sequences: `sent` was handed to the bus, `logged` is confirmed by a receipt; times are monotonic seconds.

    `holding` says why nothing is sent: the hub takes nothing from this organization, or refused its next event.
    """

    def __init__(self, logged: int) -> None:
        self.logged = logged
        self.sent = logged
        self.round = 0  # counts the rewinds: what was under way when one happened does not move `sent`
        self.asked_again = logged  # up to here the hub wants what the bus was given before
        self.holding: str | None = None
        self._tried = logged
        self._moved = 0.0
        self._asked = 0.0
        self._rewound = (0, -SAME_NEXT_SECONDS)
        self._probe_at: float | None = None
        self._exempt_at = 0.0
        self._state: str | None = None
        self._quorum_at = self._shown_at = 0  # sizes: the newest checkpoint with a quorum, the one of the last proof
        self._proof_due = 0.0

    def room(self, now: float) -> int:
        """Tell how many events may be sent now."""
        if self._probe_at is not None:
            # The next event was refused: it is offered alone, now and then, until it passes.
            return 1 if self.sent == self.logged and now >= self._probe_at else 0
        return 0 if self.holding else max(WINDOW - (self.sent - self.logged), 0)

    def exempt(self, action: str, now: float) -> bool:
        """Whether the event after what is logged may be offered though nothing else is: at once, then at times."""
        if self._state not in EXEMPT.get(action, ()) or now < self._exempt_at:
            return False
        self._exempt_at = now + RETRY_SECONDS
        return self._rewind(self.logged + 1, now)

    def try_again(self, now: float) -> None:
        """Offer at once what was refused: it is another statement now."""
        if self._probe_at is not None:
            self._probe_at = now

    def trying(self, last: int) -> None:
        """Note that events up to `last` are about to be given to the bus, which may have them from then on."""
        self._tried = max(self._tried, last)

    def offered(self, last: int, now: float, *, begun_in: int) -> None:
        """Note that the bus stored the events up to `last`."""
        if begun_in != self.round:
            return
        if self.sent == self.logged:
            self._moved = now
        self.sent = max(self.sent, last)
        if self._probe_at is not None:
            self._probe_at = now + RETRY_SECONDS

    def take(self, receipt: Receipt, own: bytes | None, known: int, now: float) -> bool:
        """Follow a receipt; tells whether something has to be sent again. Alarmed if the chains differ.

        `own` is the hash of our statement at the receipt's logged sequence, `known` our last sealed sequence.
        """
        self._quorum_at = receipt.checkpoint
        if receipt.proof:
            self._shown(receipt, now)
        sequence = receipt.logged.sequence
        if sequence > known:
            raise Alarmed(Alarm.BEHIND_HUB, _behind(sequence, known))
        if sequence and own != from_b64url(receipt.logged.hash):
            raise Alarmed(Alarm.DIVERGED, _diverged(sequence))
        if sequence > self.logged:
            self._moved = now
            self._probe_at = None
            self.holding = None
        lost = sequence < self.logged
        self._tried = max(self._tried, self.logged)
        self.logged = sequence
        self.sent = max(self.sent, sequence)
        if self._stands_still(receipt, now):
            return False
        if lost or (receipt.missing and self._may_rewind(receipt.next, now)):
            return self._rewind(receipt.next, now)
        return False

    def take_answer(self, receipt: Receipt, now: float) -> bool:
        """After `take`, for the answer to our own question: the hub has seen all that the bus held when we asked."""
        self._shown(receipt, now)
        if receipt.next <= self.sent and self.holding is None:
            return self._rewind(receipt.next, now)
        return False

    def stalled(self, now: float) -> bool:
        """Whether it is time to ask the hub where it stands; asking is remembered."""
        if self.sent == self.logged or self.holding is not None:
            return False
        if now - max(self._moved, self._asked) < STALLED_SECONDS:
            return False
        self._asked = now
        return True

    def unproven(self, witnessed: int, now: float) -> bool:
        """Whether it is time to ask for a proof of what is logged and not `witnessed`; asking is remembered.

        The hub sends each proof once, in a receipt that may be lost; before another quorum there is no other.
        """
        if witnessed >= self.logged or self._quorum_at == self._shown_at:
            self._proof_due = now + PROOF_SECONDS
        if now < self._proof_due:
            return False
        self._proof_due = now + PROOF_SECONDS
        return True

    def _shown(self, receipt: Receipt, now: float) -> None:
        self._shown_at = receipt.checkpoint
        self._proof_due = now + PROOF_SECONDS

    def _may_rewind(self, following: int, now: float) -> bool:
        before, at = self._rewound
        return following <= self.sent and (before != following or now - at >= SAME_NEXT_SECONDS)

    def _rewind(self, following: int, now: float) -> bool:
        self._rewound = (following, now)
        self._moved = now
        self.asked_again = max(self.asked_again, self._tried)
        self.sent = following - 1
        self.round += 1
        return True

    def _stands_still(self, receipt: Receipt, now: float) -> bool:
        before, self._state = self._state, receipt.state
        refused = refused_next(receipt)
        if receipt.state in STANDING_STILL:
            self.holding, self._probe_at = receipt.reason or receipt.state, None
        elif refused is not None and not (self.holding and before != receipt.state):
            self.holding = f"event {refused.sequence} was refused ({refused.reason}): {refused.found}"
            if self._probe_at is None:
                # The first receipt may tell of a refusal whose reason has gone long since.
                self._probe_at = now if before is None else now + RETRY_SECONDS
            self._rewind(receipt.next, now)
        elif self.holding is not None:
            # What stood in the way is gone: send at once what was refused meanwhile.
            self.holding, self._probe_at = None, None
            self._rewind(receipt.next, now)
        return self.holding is not None


def refused_next(receipt: Receipt) -> Judgement | None:
    """Give the newest refusal of the very event that the hub expects next, if there is one."""
    found = [each for each in receipt.judgements if each.severity == "error" and each.sequence == receipt.next]
    return found[-1] if found else None


def _behind(sequence: int, known: int) -> str:
    return sentence(
        "the hub has logged {sequence} events of this organization, but only {known} are known "
        "here: this node's database is older than what it has published (restored from a backup, "
        "perhaps). It signs nothing, because signing the same sequence twice would fork the chain",
        sequence=sequence,
        known=known,
    )


def _diverged(sequence: int) -> str:
    return sentence(
        "the hub has logged another statement at sequence {sequence} than the one sealed here: "
        "two copies of this node have signed, or the key is in other hands. Stop every copy, and "
        "talk to the hub's operator",
        sequence=sequence,
    )
