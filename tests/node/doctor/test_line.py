"""The way to the bus: names, ports, greetings and TLS."""

import ssl
from pathlib import Path

import pytest

from deploy.demo.service import free_port
from node.doctor.line import Address, address_of, check_line
from node.doctor.results import Result
from tests.tls_server import greeting, make_certificate


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("nats://hub.example:4333", Address("hub.example", 4333, tls=False)),
        ("tls://user:secret@hub.example", Address("hub.example", 4222, tls=True)),
        ("hub.example", Address("hub.example", 4222, tls=False)),
        ("http://hub.example", None),
        ("nats://hub.example:port", None),
    ],
)
def test_an_address_is_read(url: str, found: Address | None) -> None:
    assert address_of(url) == found
    assert "secret" not in str(found)


def test_a_wrong_address_and_an_unknown_name_are_told_apart() -> None:
    wrong, skipped = check_line("http://hub.example")
    assert wrong.result is Result.FAIL
    assert "nats://HOST:PORT" in wrong.what_to_do
    assert skipped.result is Result.NOT_CHECKED
    unknown, _ = check_line("nats://no-such-host.invalid:4222")
    assert (unknown.name, unknown.result) == ("name", Result.FAIL)
    assert "no-such-host.invalid is not found" in unknown.cause


def test_a_port_where_nobody_listens_is_told_with_what_to_do() -> None:
    name, reached = check_line(f"nats://127.0.0.1:{free_port()}")
    assert (name.result, reached.result) == (Result.PASS, Result.FAIL)
    assert "firewall" in reached.what_to_do
    assert "refused" in reached.detail


@pytest.mark.parametrize("words", [b"SSH-2.0-OpenSSH\r\n", b"", b"INFO no json\r\n"])
def test_what_is_no_bus_is_named(words: bytes) -> None:
    with greeting(words) as port:
        _, reached = check_line(f"nats://127.0.0.1:{port}")
    assert reached.result is Result.FAIL


def test_a_bus_without_tls_is_found_out_where_the_address_asks_for_it() -> None:
    with greeting(b'INFO {"version":"2.15.1"}\r\nplain text where a handshake must be') as port:
        _, reached = check_line(f"tls://127.0.0.1:{port}")
    assert reached.result is Result.FAIL
    assert "no safe connection" in reached.cause


def test_a_certificate_is_checked_for_the_name_and_its_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with greeting(b'INFO {"version":"2.15.1","tls_required":true}\r\n', context) as port:
        _, unknown = check_line(f"tls://127.0.0.1:{port}")
    assert (unknown.result, "issuer" in unknown.what_to_do) == (Result.FAIL, True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with greeting(b'INFO {"version":"2.15.1","tls_required":true}\r\n', context) as port:
        _, safe = check_line(f"tls://127.0.0.1:{port}")
    assert safe.result is Result.PASS, safe
    assert "2036" in safe.detail
