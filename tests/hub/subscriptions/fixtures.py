"""Fixtures of subscriptions: receivers on this machine, and a worker that the test drives."""

from collections.abc import Iterator

import pytest

from tests.hub.published import Published
from tests.hub.subscriptions.driving import Driven
from tests.hub.subscriptions.receivers import Mailbox, Receiver, mailbox, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiving() as found:
        yield found


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mailbox() as found:
        yield found


@pytest.fixture
def driven(small_network: Published) -> Driven:
    """Webhooks alone."""
    return Driven(small_network)


@pytest.fixture
def driven_anywhere(network: Published) -> Driven:
    """Webhooks alone, on each database."""
    return Driven(network)


@pytest.fixture
def mailing(small_network: Published, box: Mailbox) -> Driven:
    """Webhooks and mail."""
    return Driven(small_network, port=box.port)
