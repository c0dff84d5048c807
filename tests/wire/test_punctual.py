"""Tests of wire/punctual.py: the moment that was set ends an exchange, and only for whom it was set.

That a dripping hub is given up, test_client.py shows.
"""

import ssl
import threading
from pathlib import Path

import httpx2
import pytest

from tests.tls_server import make_certificate
from tests.wire.lying_hub import lying
from wire.punctual import Deadline, keep_punctual


def test_a_moment_that_has_passed_ends_an_exchange_before_it_begins() -> None:
    with lying({}) as address, httpx2.Client() as client:
        deadline = keep_punctual(client)
        with pytest.raises(httpx2.ReadTimeout, match="no whole answer after 0 seconds"), deadline.within(0.0):
            client.get(address)
        assert client.get(address).json() == {}
        with deadline.within(60.0):
            assert client.get(address).json() == {}


def test_connections_by_tls_keep_it_too(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=certificate)
    with lying({}, tls=served) as address, httpx2.Client(verify=trusting) as client:
        deadline = keep_punctual(client)
        assert client.get(address).json() == {}
        with pytest.raises(httpx2.ReadTimeout), deadline.within(0.0):
            client.get(address)


def test_a_step_takes_no_longer_than_is_left_nor_than_it_may() -> None:
    deadline = Deadline()
    assert (deadline.left(5.0), deadline.left(None)) == (5.0, None)
    with deadline.within(10.0):
        assert deadline.left(5.0) == 5.0
        for seconds in (60.0, None):
            assert 0 < (deadline.left(seconds) or 0) <= 10.0


def test_each_thread_has_its_own_moment() -> None:
    deadline = Deadline()
    seen: list[float | None] = []
    with deadline.within(10.0):
        thread = threading.Thread(target=lambda: seen.append(deadline.left(None)))
        thread.start()
        thread.join()
    assert seen == [None]


def test_the_proxies_of_the_environment_keep_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with lying({"proxied": True}) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        with httpx2.Client() as client:
            deadline = keep_punctual(client)
            assert client.get("http://hub.example/").json() == {"proxied": True}
            with pytest.raises(httpx2.ReadTimeout), deadline.within(0.0):
                client.get("http://hub.example/")
