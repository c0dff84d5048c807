"""Checks of the way to the bus: its name, whether something listens there, TLS."""

import socket
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from node.doctor.results import Check, failed, passed, skipped
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.patience import within

NAME_SECONDS, REACH_SECONDS = 8.0, 5.0
PORT = 4222
MAX_INFO = 65_536  # bytes that a server may greet with
_SETTING = "the address is from node.toml (bus) or from the admission"


class Address(NamedTuple):
    """Where the bus is."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        return f"{'tls' if self.tls else 'nats'}://{self.host}:{self.port}"


def address_of(url: str) -> Address | None:
    """Read an address like nats://host:4222 or tls://host; None for what is none."""
    try:
        parts = urlsplit(url if "://" in url else f"nats://{url}")
        if parts.scheme not in ("nats", "tls") or not parts.hostname:
            return None
        return Address(parts.hostname, parts.port or PORT, parts.scheme == "tls")
    except ValueError:
        return None


def check_line(url: str) -> list[Check]:
    """Check name and server; the second is not checked where the first fails."""
    address = address_of(url)
    if address is None:
        what = N_("Write bus in node.toml as nats://HOST:PORT or tls://HOST:PORT, or leave it empty.")
        none = skipped(["reached"], N_("There is no address."))
        return [failed("name", N_("What is given as the address of the bus is no address."), what), *none]
    try:
        found = within(NAME_SECONDS, lambda: socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:  # TimeoutError too
        what = N_("See that the name is right and that this machine's name server answers.")
        cause = sentence("The name {host} is not found.", host=address.host)
        said = failed("name", cause, what, f"{error}; {_SETTING}")
        return [said, *skipped(["reached"], N_("The name of the bus is not found."))]
    places = sorted({str(each[4][0]) for each in found})
    found_at = sentence("The name {host} stands for {addresses}.", host=address.host, addresses=", ".join(places[:5]))
    return [passed("name", found_at), check_reached(address)]


def check_reached(address: Address) -> Check:
    """Connect, read the server's greeting, and where the address says so, begin TLS."""
    try:
        return within(2 * REACH_SECONDS + NAME_SECONDS, lambda: _greeted(address))
    except ssl.SSLError as error:
        what = N_(
            "See that the certificate is valid for this name, not expired, and from an issuer that this machine trusts."
        )
        cause = sentence("There is no safe connection to {address}.", address=address)
        return failed("reached", cause, what, _reason(error))
    except (OSError, ValueError) as error:
        what = N_(
            "See that the hub runs, that the port is right, and that a firewall lets this machine out to it. The node "
            "goes on trying; what is published waits in the outbox."
        )
        cause = sentence("Nothing answers at {address}.", address=address)
        return failed("reached", cause, what, f"{_reason(error)}; {_SETTING}")


def _greeted(address: Address) -> Check:
    with socket.create_connection((address.host, address.port), timeout=REACH_SECONDS) as line:
        greeting = b""
        while b"\r\n" not in greeting:
            more = line.recv(4096)
            if not more or len(greeting) > MAX_INFO:
                raise ValueError("something listens there, and it is no NATS server")
            greeting += more
        word, _, rest = greeting.partition(b" ")
        if word != b"INFO":
            raise ValueError("something listens there, and it is no NATS server")
        told = orjson.loads(rest.partition(b"\r\n")[0])
        detail = f"NATS server {str(told.get('version'))[:20]}"
        answers = sentence("The bus answers at {address}.", address=address)
        if not address.tls:
            return passed("reached", answers, detail)
        context = ssl.create_default_context()
        with context.wrap_socket(line, server_hostname=address.host) as safe:
            until = (safe.getpeercert() or {}).get("notAfter")
            return passed("reached", answers, f"{detail}, {safe.version()}, until {until}")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
