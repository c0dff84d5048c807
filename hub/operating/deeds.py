"""What operators can do about a node: notes, maintenance, asking again, trying again, suspending, reinstating."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, insert, select

from hub.access import Reader
from hub.clock import utc_now
from hub.operating import acts
from hub.operating.acts import DONE, REFUSED, Act
from hub.operating.health import Senses
from hub.operating.tables import maintenance, notes
from hub.receipting import Told
from hub.tables import quarantine
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.actions import Action, BadAction, Reinstated, Suspended
from wire.database import writing
from wire.seal import timestamp

MAX_REASON: Final = 500
MAX_NOTE: Final = 2000
MAX_HOURS: Final = 24 * 30
MAX_RETRIES: Final = 200  # in one act
NO_HUB: Final = N_("This process only reads; ask the hub that takes in events.")


class BadDeed(ValueError):
    """What cannot be done; the message says what to do instead."""


def _nothing(*_given: Any) -> Any:
    raise BadDeed(NO_HUB)


@dataclass
class Operating:
    """What reaches the running hub; the defaults are those of one that only reads.

    `decide` has an action signed by the roots that lie here and logged, and gives its index; `can_decide` tells whether
    enough of them do. `retry` judges a quarantined message again and says what became of it. `resend` has a node told
    again what is awaited. `held` gives the sequences that came early; `told` what a node was told last.
    `consumers` gives those that the hub sends to: channel, to, state, reason, rate (in the last hour), lag_events,
    last_error, delivered_at.
    """

    senses: Senses = field(default_factory=Senses)
    decide: Callable[[Callable[..., Action]], int] = _nothing
    can_decide: Callable[[], bool] = lambda: False
    retry: Callable[[int], str] = _nothing
    resend: Callable[[str], None] = _nothing
    held: Callable[[str], Sequence[int]] = lambda _organization: ()
    told: Callable[[str], Told | None] = lambda _organization: None
    consumers: Callable[[Connection], Sequence[Mapping[str, Any]]] = lambda _connection: ()


class Deeds:
    """Does each act once, and keeps it in the trail whatever becomes of it."""

    def __init__(self, engine: Engine, operating: Operating, now: Callable[[], datetime] = utc_now) -> None:
        self._engine = writing(engine)
        self._operating = operating
        self._now = now
        self.counted: Counter[tuple[str, str]] = Counter()  # act and outcome, since the start

    def note(self, organization: str, text: str, by: Reader, form: str) -> dict[str, Any]:
        """Keep a note about a node."""

        def write() -> str:
            row = {"organization": organization, "at": timestamp(self._now()), "who": by.name or ""}
            with self._engine.begin() as connection:
                connection.execute(insert(notes).values(**row, text=_text(text, MAX_NOTE)))
            return N_("The note is kept.")

        return self._do(Act("note", organization, None, text[:MAX_REASON], form), by, write)

    def maintain(self, organization: str, hours: str, reason: str, by: Reader, form: str) -> dict[str, Any]:
        """Say that a node is away on purpose for so many hours from now; it begins at once."""

        def write() -> str:
            if not hours.isdecimal() or not 1 <= int(hours) <= MAX_HOURS:
                raise BadDeed(sentence("The hours are a whole number from 1 to {max_hours}.", max_hours=MAX_HOURS))
            now = self._now()
            ends = timestamp(now + timedelta(hours=int(hours)))
            row = {"organization": organization, "begins": timestamp(now), "ends": ends, "who": by.name or ""}
            with self._engine.begin() as connection:
                connection.execute(delete(maintenance).where(maintenance.c.organization == organization))
                connection.execute(insert(maintenance).values(**row, reason=_text(reason, MAX_REASON)))
            return sentence("Maintenance until {ends}.", ends=ends)

        return self._do(Act("maintenance", organization, hours[:20], reason, form), by, write)

    def end_maintenance(self, organization: str, reason: str, by: Reader, form: str) -> dict[str, Any]:
        """Say that a node is awaited again."""

        def write() -> str:
            with self._engine.begin() as connection:
                mine = maintenance.c.organization == organization
                if not connection.execute(delete(maintenance).where(mine)).rowcount:
                    raise BadDeed(N_("There is no maintenance to end."))
            return N_("The maintenance has ended.")

        return self._do(Act("end-maintenance", organization, None, reason, form), by, write)

    def resend(self, organization: str, reason: str, by: Reader, form: str) -> dict[str, Any]:
        """Tell a node again what is awaited next: its outbox sends from there."""

        def ask() -> str:
            self._operating.resend(organization)
            return N_("A receipt with the next expected number goes out; the node sends again from there.")

        return self._do(Act("resend", organization, None, reason, form), by, ask)

    def retry(self, number: int, reason: str, by: Reader, form: str) -> dict[str, Any]:
        """Judge one refused message again."""
        with self._engine.connect() as connection:
            mine = quarantine.c.number == number
            organization = connection.scalar(select(quarantine.c.bus_organization).where(mine))

        def again() -> str:
            return self._retried(number)

        return self._do(Act("retry", organization, f"message {number}", reason, form), by, again)

    def retry_all(self, cause: str, organization: str | None, reason: str, by: Reader, form: str) -> dict[str, Any]:
        """Judge all messages again that were refused for one reason, oldest first."""

        def again() -> str:
            with self._engine.connect() as connection:
                numbers = waiting(connection, cause, organization)
            answers = [self._answer(number) for number in numbers]
            better = sum(not answer.startswith("refused") for answer in answers)
            return sentence(
                "{count} tried again: {better} accepted, {worse} refused again.",
                count=len(numbers),
                better=better,
                worse=len(numbers) - better,
            )

        return self._do(Act("retry-all", organization, cause[:100], reason, form), by, again)

    def suspend(self, organization: str, reason: str, by: Reader, form: str) -> dict[str, Any]:
        """Accept nothing of an organization for now: a decision of the roots, in the log."""
        return self._decide("suspend", Suspended, organization, reason, by, form)

    def reinstate(self, organization: str, reason: str, by: Reader, form: str) -> dict[str, Any]:
        """Let a suspended organization speak again."""
        return self._decide("reinstate", Reinstated, organization, reason, by, form)

    def _decide(
        self, word: str, action: type[Suspended | Reinstated], organization: str, reason: str, by: Reader, form: str
    ) -> dict[str, Any]:
        def decide() -> str:
            why = _text(reason, MAX_REASON)
            index = self._operating.decide(lambda **place: action(organization=organization, reason=why, **place))
            return sentence("Entry {index} of the log.", index=index)

        return self._do(Act(word, organization, None, reason, form), by, decide)

    def _retried(self, number: int) -> str:
        answer = self._operating.retry(number)
        if answer.startswith("refused"):
            raise BadDeed(sentence("Message {number}: {cause}", number=number, cause=answer))
        return sentence("Message {number}: {cause}.", number=number, cause=answer)

    def _answer(self, number: int) -> str:
        try:
            return self._operating.retry(number)
        except BadAction as error:
            return sentence("refused: {cause}", cause=error)

    def _do(self, act: Act, by: Reader, deed: Callable[[], str]) -> dict[str, Any]:
        """Act once for each form: what was begun is in the trail before anything happens."""
        act = act._replace(reason=act.reason[:MAX_REASON].strip())
        with self._engine.begin() as connection:
            number = acts.begin(connection, act, by, self._now())
            if number is None:
                return {**(acts.of_form(connection, act.form) or {}), "again": True}
        outcome, answer = REFUSED, N_("It was interrupted; look whether it was done.")
        try:
            outcome, answer = DONE, deed()
        except (BadDeed, BadAction) as error:
            answer = str(error)
        finally:
            with self._engine.begin() as connection:
                acts.finish(connection, number, outcome, answer)
            self.counted[act.act, outcome] += 1
        with self._engine.connect() as connection:
            return {**(acts.of_form(connection, act.form) or {}), "again": False}


def waiting(connection: Connection, cause: str, organization: str | None) -> list[int]:
    """Give the numbers of the messages that were refused for a reason, oldest first, as many as one act takes."""
    query = select(quarantine.c.number).where(quarantine.c.reason == cause).order_by(quarantine.c.number)
    if organization:
        query = query.where(quarantine.c.bus_organization == organization)
    return list(connection.scalars(query.limit(MAX_RETRIES)))


def list_notes(connection: Connection, organization: str) -> list[dict[str, str]]:
    """Give the notes about a node, newest first."""
    query = select(notes).where(notes.c.organization == organization).order_by(notes.c.number.desc()).limit(100)
    return [{"at": row.at, "who": row.who, "text": row.text} for row in connection.execute(query)]


def _text(text: str, most: int) -> str:
    found = " ".join(text.split()) if most == MAX_REASON else text.strip()
    if not found:
        raise BadDeed(N_("Say why, in a sentence."))
    if len(found) > most:
        raise BadDeed(
            sentence("The text has {count} characters; at most {most} are kept.", count=len(found), most=most)
        )
    return found
