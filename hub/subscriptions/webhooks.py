"""One event to one webhook, after Standard Webhooks: the CloudEvent as on the bus, signed, under an id that stays."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import orjson
from standardwebhooks.webhooks import Webhook

from hub.cloudevents import CONTENT_TYPE
from hub.live import LoggedEvent
from hub.subscriptions.derived import DerivedSecrets
from hub.subscriptions.egress import Answer, Egress
from hub.subscriptions.recording import Attempt
from hub.subscriptions.states import Outcome
from wire.seal import timestamp

USER_AGENT: Final = "liaison-hub"
OLDER_FOR: Final = timedelta(days=1)
OLDER_SECRETS: Final = 3
TEST_INDEX: Final = -1


class Receiver:
    """Where a subscription's events are posted, and with what they are signed."""

    def __init__(self, subscription: str, url: str, secret: int, rotated: str | None, log: int = 1) -> None:
        """`log` is the number of the network's log: an index of the next one is another event, under another id."""
        self.subscription = subscription
        self.url = url
        self.secret = secret
        self.rotated = rotated
        self._of = f"msg_{subscription}_" if log == 1 else f"msg_{subscription}_{log}_"

    def message_id(self, index: int) -> str:
        """Give the id under which an event goes to this subscription, now and whenever it is sent again."""
        return f"{self._of}{index}"

    @property
    def reset_id(self) -> str:
        """Give the id of the message that says that the log has been begun anew."""
        return f"{self._of}reset"


async def post_event(
    egress: Egress, keys: DerivedSecrets, receiver: Receiver, event: LoggedEvent, now: datetime, kind: str = "event"
) -> Attempt:
    """Post an event once."""
    return await _post(egress, keys, receiver, kind, receiver.message_id(event.index), event.index, event.document, now)


async def post_test(
    egress: Egress, keys: DerivedSecrets, receiver: Receiver, network: str, now: datetime
) -> Attempt:  # fmt: skip
    """Post a message that says nothing but that it is a test; it has no log index."""
    at = timestamp(now)
    message_id = f"msg_{receiver.subscription}_test_{at}"
    event = {
        "specversion": "1.0", "id": message_id, "source": f"https://{network}/subscriptions", "time": at,
        "type": "liaison.subscription.tested", "subject": receiver.subscription,
    }  # fmt: skip
    return await _post(egress, keys, receiver, "test", message_id, TEST_INDEX, orjson.dumps(event), now)


async def post_reset(
    egress: Egress, keys: DerivedSecrets, receiver: Receiver, network: str, now: datetime, log: str, former: str
) -> Attempt:  # fmt: skip
    """Say that what follows is of another log, from its beginning: the one before was lost (docs/adr/0020)."""
    event = {
        "specversion": "1.0", "id": receiver.reset_id, "source": f"https://{network}/subscriptions",
        "time": timestamp(now), "type": "liaison.subscription.reset", "subject": receiver.subscription,
        "datacontenttype": "application/json",
        "data": {"reason": "another-log", "log": log, "former": former, "after": -1},
    }  # fmt: skip
    return await _post(egress, keys, receiver, "reset", receiver.reset_id, TEST_INDEX, orjson.dumps(event), now)


async def _post(
    egress: Egress, keys: DerivedSecrets, receiver: Receiver, kind: str, message_id: str, index: int, body: bytes,
    now: datetime,
) -> Attempt:  # fmt: skip
    headers = {
        "Content-Type": CONTENT_TYPE,
        "User-Agent": USER_AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": _signatures(keys, receiver, message_id, now, body.decode()),
    }
    answer = await egress.post(receiver.url, headers, body)
    return Attempt(
        kind, message_id, index, _outcome(answer), answer.status, answer.milliseconds, answer.text, answer.retry_after
    )


def _outcome(answer: Answer) -> Outcome:
    if answer.arrived:
        return Outcome.DELIVERED
    return Outcome.GONE if answer.status == HTTPStatus.GONE else Outcome.FAILED


def _signatures(keys: DerivedSecrets, receiver: Receiver, message_id: str, now: datetime, body: str) -> str:
    """Sign with the secret in use, and for a day after a change with those before it too.

    Not with one alone: who did not copy the new secret makes another, and the receiver still has the one before both.
    """
    older = 0
    if receiver.rotated is not None and datetime.fromisoformat(receiver.rotated) + OLDER_FOR > now:
        older = min(OLDER_SECRETS, receiver.secret - 1)
    numbers = range(receiver.secret, receiver.secret - older - 1, -1)
    secrets = [keys.webhook_secret(receiver.subscription, number) for number in numbers]
    return " ".join(Webhook(secret).sign(message_id, now, body) for secret in secrets)
