"""What owners may do, whatever way they came: checked forms in, short transactions, and errors that say what to do."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, Row, select

from hub.access import VISIBLE, Role
from hub.filters import Filters, Live
from hub.live import LiveLog, LoggedEvent, Question
from hub.problem_details import Refusal
from hub.reading import Reading
from hub.subscriptions import documents, recording, store
from hub.subscriptions.by_hand import MAX_BY_HAND, ByHand
from hub.subscriptions.choosing import tells_of
from hub.subscriptions.forms import Change, NewSubscription, Resend, problem_of_url
from hub.subscriptions.lanes import asked_of
from hub.subscriptions.owners import PUBLIC, Owner
from hub.subscriptions.preview import Preview, preview
from hub.subscriptions.recording import Attempt
from hub.subscriptions.sending import Sending
from hub.subscriptions.sign_ups import MAX_OF_NETWORK, SignUps
from hub.subscriptions.states import EVENTS, REASONS, Reason, State
from hub.subscriptions.tables import targets
from hub.subscriptions.transactions import Transactions
from hub.subscriptions.webhooks import Receiver, post_event, post_test
from schemas.problems import Problem, problem, problems_from
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MAX_BODY: Final = 64 * 1024
PREVIEWS: Final = 2  # at once: anybody may ask for one
Form = TypeVar("Form", bound=BaseModel)


class Subscribing:
    """Built once for an application."""

    def __init__(self, hub: Reading, sending: Sending, log: LiveLog) -> None:
        self.hub = hub
        self.sending = sending
        self.figures = sending.figures
        self.database = Transactions(hub.engine)
        self.log = log
        self._log = sending.log.name
        self._sent_by_hand = ByHand()
        self._sign_ups = SignUps()
        self._previews = asyncio.Semaphore(PREVIEWS)

    async def sign_up(self, asked: NewSubscription, visitor: str) -> dict[str, Any]:
        """Make a subscription of somebody without a log-in; `visitor` is the address that asks. Refusal."""
        if wait := self._sign_ups.begin(visitor, self.hub.now()):
            detail = sentence(
                "From one network {most} subscriptions a day can be asked for without a log-in, and they were. "
                "Try again tomorrow, or log in.",
                most=MAX_OF_NETWORK,
            )
            headers = {"Retry-After": str(wait)}
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many-subscriptions", detail, headers=headers)
        try:
            return await self.create(asked, Owner(PUBLIC, Role.PUBLIC))
        except Exception:  # and not where a visitor goes away: it may have been made
            self._sign_ups.take_back(visitor)
            raise

    async def create(self, asked: NewSubscription, owner: Owner) -> dict[str, Any]:
        """Make a subscription; a webhook's secret is in the answer, this once. Refusal."""
        self.check("mail" if asked.notify else asked.channel, asked.url)
        if asked.after is not None:
            self.hub.check_cursor(asked.after)

        def write(connection: Connection) -> dict[str, Any]:
            made = store.create(connection, asked, owner, self.hub.tail.size, self.hub.now(), self._log)
            return self._one(connection, made)

        try:
            found = await self.database.write(write)
        except store.TooMany as error:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many-subscriptions", str(error)) from None
        secret = {"secret": self.sending.keys.webhook_secret(found["id"], 1)} if asked.channel == "webhook" else {}
        return {**found, **secret}

    def check(self, channel: str, url: str | None) -> None:
        """Refuse what this hub cannot send."""
        if channel == "mail" and self.sending.mailer is None:
            detail = N_("This hub sends no mail: its operator has named no mail server, or no address of its pages.")
            raise Refusal(HTTPStatus.CONFLICT, "no-mail", detail)
        if (wrong := problem_of_url(url, self.sending.egress.private_hosts)) is not None:
            refuse([wrong])

    async def change(self, made: str, asked: Change, owner: Owner) -> dict[str, Any]:
        """Change a subscription of the owner's. Refusal."""
        row = await self.find(made, owner)
        webhook_only = {"url": asked.url, "after": asked.after, "notify": asked.notify}
        mail_only = {"rhythm": asked.rhythm, "hour": asked.hour}
        wrong = [
            name
            for name, value in (mail_only if row.channel == "webhook" else webhook_only).items()
            if value is not None
        ]
        if wrong:
            must = N_("be left out for a webhook") if row.channel == "webhook" else N_("be left out for mail")
            refuse([problem((name,), "given", must) for name in wrong])
        self.check("mail" if asked.notify else "", asked.url)
        if asked.after is not None:
            self.hub.check_cursor(asked.after)
        elif asked.state is not None and row.channel == "webhook" and row.reason == Reason.CURSOR_BEYOND_LOG:
            raise Refusal(HTTPStatus.CONFLICT, row.reason, REASONS[row.reason])

        def write(connection: Connection) -> dict[str, Any]:
            store.change(connection, row, asked, self.hub.now(), owner.role, self._log, self.hub.tail.size)
            return self._one(connection, made)

        try:
            return await self.database.write(write)
        except store.TooMany as error:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many-subscriptions", str(error)) from None

    async def remove(self, made: str, owner: Owner) -> None:
        """End a subscription and forget it. Refusal."""
        row = await self.find(made, owner)
        await self.database.write(lambda connection: store.remove(connection, [row.number]))

    async def rotate(self, made: str, owner: Owner) -> str:
        """Give a webhook's next secret, this once; for a day signatures are made with both. Refusal."""
        row = await self.webhook(made, owner)
        number = await self.database.write(lambda connection: store.rotate(connection, row, self.hub.now()))
        return self.sending.keys.webhook_secret(row.id, number)

    async def test(self, made: str, owner: Owner) -> Attempt:
        """Post a test message now. Refusal."""
        row = await self.webhook(made, owner)
        target, receiver = await self._by_hand(row)
        attempt = await post_test(
            self.sending.egress, self.sending.keys, receiver, self.hub.network, self.hub.now()
        )  # fmt: skip
        await self.database.write(lambda connection: recording.note(connection, target, attempt, self.hub.now()))
        return attempt

    async def resend(self, made: str, asked: Resend, owner: Owner) -> Attempt | State:
        """Post one event again now, or put the webhook back to where all since are sent again. Refusal.

        Gives the attempt, or the state of the webhook: all since are sent again once it is active.
        """
        row = await self.webhook(made, owner)
        if asked.after is not None:
            changed = await self.change(made, Change(after=asked.after), owner)
            return State(changed["state"])
        event = await self._event(row, asked.index or 0, owner)
        target, receiver = await self._by_hand(row)
        attempt = await post_event(self.sending.egress, self.sending.keys, receiver, event, self.hub.now(), "resend")
        await self.database.write(lambda connection: recording.note(connection, target, attempt, self.hub.now()))
        return attempt

    async def _event(self, row: Row[Any], index: int, owner: Owner) -> LoggedEvent:
        markings, asked = VISIBLE[owner.role], asked_of(row.filters)
        found: list[LoggedEvent] = []
        if index < self.hub.tail.size:
            found, _ = await self.log.read(index, Question.of(Live.model_validate({}), markings))
        event = next((each for each in found if each.index == index and tells_of(each, asked, markings)), None)
        if event is None:
            detail = sentence("There is no event {index} that this subscription tells of.", index=index)
            raise Refusal(HTTPStatus.NOT_FOUND, "no-such-event", detail)
        return event

    async def _by_hand(self, row: Row[Any]) -> tuple[int, Receiver]:
        if not self._sent_by_hand.begin(row.id, self.hub.now()):
            detail = sentence(
                "{max_by_hand} messages a minute are sent by hand, and they were. Try again in a minute.",
                max_by_hand=MAX_BY_HAND,
            )
            headers = {"Retry-After": "60"}
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-often", detail, headers=headers)
        named = select(targets).where(targets.c.subscription == row.number, targets.c.role == EVENTS)
        target = await self.database.read(lambda connection: connection.execute(named).one())
        return target.number, Receiver(row.id, target.address, row.secret, row.rotated, self.sending.log.number)

    async def preview(self, asked: Filters, owner: Owner) -> Preview:
        """Say what such a subscription would have sent in the last thirty days."""
        size, markings = self.hub.tail.size, VISIBLE[owner.role]
        async with self._previews:
            return await preview(self.log, self.database, size, asked, markings, self.hub.now())

    async def own(self, owner: Owner) -> list[dict[str, Any]]:
        """Give all subscriptions of an owner."""
        size, positions = self.hub.tail.size, self.figures.positions
        return await self.database.read(lambda connection: documents.own(connection, owner, size, positions))

    async def show(self, made: str, owner: Owner) -> dict[str, Any]:
        """Give one subscription of the owner's. Refusal."""
        await self.find(made, owner)
        return await self.database.read(lambda connection: self._one(connection, made))

    async def deliveries(self, made: str, owner: Owner, before: int | None, limit: int) -> list[dict[str, Any]]:
        """Give its delivery log, the newest first. Refusal."""
        row = await self.find(made, owner)
        return await self.database.read(lambda c: documents.delivery_log(c, row, before, limit))

    async def find(self, made: str, owner: Owner) -> Row[Any]:
        """Find a subscription of the owner's; that of another is as if it were not there. Refusal."""
        row = await self.database.read(lambda connection: store.find(connection, made))
        if row is None or row.owner != owner.name:
            detail = sentence("There is no subscription {made} of yours.", made=made[:40])
            raise Refusal(HTTPStatus.NOT_FOUND, "no-such-subscription", detail)
        return row

    async def webhook(self, made: str, owner: Owner) -> Row[Any]:
        """Find a webhook of the owner's. Refusal."""
        row = await self.find(made, owner)
        if row.channel != "webhook":
            raise Refusal(
                HTTPStatus.CONFLICT, "no-webhook", N_("This subscription goes by mail; that is for webhooks.")
            )
        return row

    def _one(self, connection: Connection, made: str) -> dict[str, Any]:
        row = store.find(connection, made)
        assert row is not None  # noqa: S101 - it was found in this transaction, or made
        of = store.targets_of(connection, [row.number])
        return documents.described(row, of, self.hub.tail.size, self.figures.positions)


async def read_form(request: Request, form: type[Form]) -> Form:
    """Read a JSON document from a request of bounded size into a form. Refusal."""
    content = await bounded_body(request)
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, Mapping):
        raise Refusal(HTTPStatus.BAD_REQUEST, "no-json", N_("The request's body must be a JSON object."))
    try:
        return form.model_validate(document)
    except ValidationError as error:
        refuse(problems_from(error))


async def bounded_body(request: Request) -> bytes:
    """Read the body of a request, of at most 64 KiB. Refusal."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_BODY:
            detail = sentence("The request's body has more than {max_body} bytes.", max_body=MAX_BODY)
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)
    return bytes(content)


def refuse(problems: list[Problem]) -> NoReturn:
    """Say what is wrong with a form."""
    detail = (
        problems[0].message if len(problems) == 1 else sentence("{count} fields cannot be used.", count=len(problems))
    )
    raise Refusal(HTTPStatus.BAD_REQUEST, "invalid-subscription", detail, problems)
