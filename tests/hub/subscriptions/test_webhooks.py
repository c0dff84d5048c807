"""What a webhook gets is verified by the library that receivers use, as Standard Webhooks say."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from hub.subscriptions.egress import Egress
from hub.subscriptions.states import Outcome
from hub.subscriptions.webhooks import Receiver as To
from hub.subscriptions.webhooks import post_test
from tests.hub.subscriptions.driving import KEYS
from tests.hub.subscriptions.receivers import Receiver


async def test_the_signature_is_that_of_the_subscription_s_secret_and_of_no_other(receiver: Receiver) -> None:
    now = datetime.now(UTC)  # the library takes what is at most five minutes old
    attempt = await post_test(Egress({"localhost"}), KEYS, To("abc", receiver.url, 2, None), "exercise.example", now)
    assert attempt.outcome is Outcome.DELIVERED
    [posted] = receiver.taken
    assert posted.verified(KEYS.webhook_secret("abc", 2))["type"] == "liaison.subscription.tested"
    for other in (KEYS.webhook_secret("abc", 1), KEYS.webhook_secret("abd", 2)):
        with pytest.raises(WebhookVerificationError):
            posted.verified(other)


async def test_for_a_day_after_a_change_both_secrets_verify(receiver: Receiver) -> None:
    now = datetime.now(UTC)
    to = To("abc", receiver.url, 2, now.isoformat())
    await post_test(Egress({"localhost"}), KEYS, to, "exercise.example", now)
    for number in (1, 2):
        assert receiver.taken[0].verified(KEYS.webhook_secret("abc", number))
