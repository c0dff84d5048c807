"""What a witness does when the hub shows another log than the one it knows: it goes over, or raises the alarm."""

from collections.abc import Callable
from datetime import datetime

from node.alarms import Finding, Name
from node.log_fold import BadEntries, RegistryHistory
from node.log_reader import Ask, InThread, Unreadable
from node.next_log import Beginning, Known, NotReplaced, check_known, read_beginning
from node.store import Outbox, Raised
from node.store.log import LogStore, Tree
from wire.next_log import origin_of
from wire.seal import timestamp
from wire.trust import Trust

GoOver = Callable[[Beginning, bytes | None, str], None]  # (the next log, what was cosigned of the lost one, now)


class NextLogs:
    """One for a directory. `go_over` writes into the database that another log is read, cosigned and delivered in."""

    def __init__(
        self, first: Trust, organization: str, store: LogStore, outbox: Outbox, ask: Ask, in_thread: InThread,
        sound: Callable[[list[Finding]], None], wall: Callable[[], datetime], go_over: GoOver,
    ) -> None:  # fmt: skip
        self._first = first
        self._organization = organization
        self._store = store
        self._outbox = outbox
        self._ask = ask
        self._in_thread = in_thread
        self._sound = sound
        self._wall = wall
        self._go_over = go_over

    def may_be(self, note: bytes, trust: Trust) -> bool:
        """Whether a checkpoint says to be of another log of this network than the one of `trust`."""
        origin = origin_of(note)
        return origin != trust.origin and origin.startswith(f"{self._first.first_log.name}/")

    async def consider(self, note: bytes, trust: Trust, cosigned: Tree | None) -> bool:
        """Go over to the log of this checkpoint, if the roots have put it in the place of the one of `trust`.

        Otherwise the alarm is raised. False also for a log that was lost before that one. Unreadable: try later.
        """
        if origin_of(note) in {log.name for log in await self._in_thread(self._store.lost, self._first)}:
            return False
        try:
            beginning = await read_beginning(self._ask, self._first, note, trust.log_verifier)
            await self._in_thread(self._check, beginning, trust, cosigned)
        except BadEntries as error:
            raise Unreadable(str(error)) from None
        except NotReplaced as error:
            await self._in_thread(self._alarm, error, note, cosigned)
            return False
        before = None if cosigned is None else cosigned.note
        await self._in_thread(self._go_over, beginning, before, timestamp(self._wall()))
        return True

    def _check(self, beginning: Beginning, trust: Trust, cosigned: Tree | None) -> None:
        history = RegistryHistory(self._first, self._store.registry())
        known = Known(
            self._organization, trust.log_verifier, history.end, self._store.position().size,
            self._outbox.relay().witnessed, self._store.chain_ends(), cosigned,
        )  # fmt: skip
        own = beginning.about.ends.get(self._organization)
        try:
            check_known(beginning, known, None if own is None else self._outbox.hash_at(own.sequence))
        except NotReplaced as error:
            if error.forged or beginning.token.decode() not in self._settled():
                raise

    def _settled(self) -> set[str]:
        """The entries 0 that a person has let pass."""
        return {each.finding.evidence["token"] for each in self._raised() if each.settled is not None}

    def _alarm(self, error: NotReplaced, note: bytes, cosigned: Tree | None) -> None:
        finding = error.finding(note, cosigned)
        stand = [each.finding for each in self._raised() if each.settled is None]
        if any(each.evidence["token"] == finding.evidence["token"] and each.text == finding.text for each in stand):
            return  # each of its checkpoints would be another finding
        if self._store.sound(finding, timestamp(self._wall())):
            self._sound([finding])

    def _raised(self) -> list[Raised]:
        return [each for each in self._store.alarms() if each.finding.name is Name.FALSE_REPLACEMENT]
