"""The way to the bus: names, ports, greetings and TLS."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from node.doctor.line import Address, address_of, check_line
from node.doctor.results import Result


@contextmanager
def greeting(words: bytes, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Something that listens, says this to whoever comes, goes on by TLS if it can, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with line:
                line.sendall(words)
                if tls is not None:
                    with suppress(OSError), tls.wrap_socket(line, server_side=True) as safe:
                        safe.recv(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


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
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    name, reached = check_line(f"nats://127.0.0.1:{port}")
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


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bus")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(*form))
    return folder / "cert.pem", folder / "key.pem"
