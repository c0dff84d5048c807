"""Whether the hub runs, whether its pages answer where it said, and what their certificate is worth."""

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.demo.service import free_port
from hub.doctor.pages import check_port, check_served, check_tls
from hub.registrar import note_address, served_at, sole_owner
from tests.hub.published import Published
from tests.hub.serving import served
from tests.signed_network import TRUST
from tests.tls_server import greeting, make_certificate
from wire.examination import Result

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_stopped_hub_is_a_warning_and_its_pages_are_not_asked(tmp_path: Path) -> None:
    assert check_served(tmp_path).result is Result.WARNING
    assert check_port(tmp_path, None).result is Result.NOT_CHECKED


def test_the_running_hub_is_asked_where_it_has_said_that_it_serves(small_network: Published, tmp_path: Path) -> None:
    with served(small_network) as server, sole_owner(tmp_path):
        port = urlsplit(server.address).port or 0
        note_address(tmp_path, "0.0.0.0", port)  # noqa: S104 - it is asked at the loopback address
        assert served_at(tmp_path) == ("0.0.0.0", port)  # noqa: S104
        assert check_served(tmp_path).result is Result.PASS
        assert check_port(tmp_path, TRUST).result is Result.PASS
        note_address(tmp_path, "127.0.0.1", free_port())
        assert check_port(tmp_path, TRUST).result is Result.FAIL


def test_without_an_https_address_there_is_no_certificate() -> None:
    assert check_tls("", NOW).result is Result.NOT_CHECKED
    assert check_tls("http://hub.example", NOW).result is Result.NOT_CHECKED


@pytest.mark.parametrize("address", ["http://hub.example", "http://192.0.2.1:8400", "http://[2001:db8::1]"])
def test_an_address_without_tls_is_a_warning_where_mails_link_to_it(address: str) -> None:
    found = check_tls(address, NOW, mails=True)
    assert found.result is Result.WARNING
    assert f"Mails link to {address}, which is not https" in found.cause
    assert "https address in the settings" in found.what_to_do


@pytest.mark.parametrize("host", ["localhost:8400", "127.0.0.2", "[::1]:8400", "hub.localhost"])
def test_an_address_of_this_machine_is_none(host: str) -> None:
    assert check_tls(f"http://{host}", NOW, mails=True).result is Result.NOT_CHECKED


def test_something_that_speaks_no_tls_or_nothing_is_no_safe_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    assert check_tls(f"https://127.0.0.1:{port}", NOW).result is Result.WARNING


def test_a_certificate_is_checked_for_its_issuer_and_its_end_is_told_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(tmp_path)  # until 2036
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with greeting(b"", context) as port:
        unknown = check_tls(f"https://127.0.0.1:{port}", NOW)
    assert (unknown.result, "issuer" in unknown.what_to_do) == (Result.FAIL, True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for now, result in ((NOW, Result.PASS), (datetime(2035, 12, 25, tzinfo=UTC), Result.WARNING)):
        with greeting(b"", context) as port:
            found = check_tls(f"https://127.0.0.1:{port}", now)
        assert found.result is result, found
        assert "valid until 2036-01-01" in found.cause
