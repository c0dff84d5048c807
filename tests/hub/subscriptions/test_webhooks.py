"""What a webhook gets is verified by the library that receivers use, as Standard Webhooks say."""

import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from hub.subscriptions.egress import Egress
from hub.subscriptions.states import Outcome
from hub.subscriptions.webhooks import Receiver as To
from hub.subscriptions.webhooks import post_test
from tests.hub.subscriptions.driving import KEYS
from tests.hub.subscriptions.receivers import Receiver

DOCS = Path(__file__).parents[3] / "docs"


async def test_the_signature_is_that_of_the_subscription_s_secret_and_of_no_other(receiver: Receiver) -> None:
    now = datetime.now(UTC)  # the library takes what is at most five minutes old
    attempt = await post_test(Egress({"localhost"}), KEYS, To("abc", receiver.url, 2, None), "exercise.example", now)
    assert attempt.outcome is Outcome.DELIVERED
    [posted] = receiver.taken
    assert posted.verified(KEYS.webhook_secret("abc", 2))["type"] == "liaison.subscription.tested"
    for other in (KEYS.webhook_secret("abc", 1), KEYS.webhook_secret("abd", 2)):
        with pytest.raises(WebhookVerificationError):
            posted.verified(other)


async def test_for_a_day_after_a_change_the_secrets_before_verify_too_also_if_it_was_changed_twice(
    receiver: Receiver,
) -> None:
    now = datetime.now(UTC)
    for secret in (2, 3):
        to = To("abc", receiver.url, secret, now.isoformat())
        await post_test(Egress({"localhost"}), KEYS, to, "exercise.example", now)
        for number in range(1, secret + 1):
            assert receiver.taken[-1].verified(KEYS.webhook_secret("abc", number))


async def test_signatures_do_not_grow_without_end(receiver: Receiver) -> None:
    now = datetime.now(UTC)
    await post_test(Egress({"localhost"}), KEYS, To("abc", receiver.url, 99, now.isoformat()), "exercise.example", now)
    assert receiver.taken[0].headers["webhook-signature"].count("v1,") == 4


async def test_the_lines_in_the_documentation_verify_it(receiver: Receiver, tmp_path: Path) -> None:
    lines = (DOCS / "subscriptions.md").read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    (tmp_path / "receiver.py").write_text(lines, "utf-8")
    found = runpy.run_path(str(tmp_path / "receiver.py"))
    now = datetime.now(UTC)
    await post_test(Egress({"localhost"}), KEYS, To("abc", receiver.url, 2, now.isoformat()), "exercise.example", now)
    [posted] = receiver.taken
    verdicts = [found["is_from_hub"](KEYS.webhook_secret("abc", n), posted.headers, posted.body) for n in (1, 2, 3)]
    assert verdicts == [True, True, False]
    assert not found["is_from_hub"](KEYS.webhook_secret("abc", 2), posted.headers, posted.body + b" ")
