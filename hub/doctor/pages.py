"""Checks of the way to the pages: whether the hub runs, whether they answer, and their certificate."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hub.doctor.results import failed, passed, skipped, warned
from hub.registrar import is_served, served_at
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.client import HubClient, HubError
from wire.examination import Check
from wire.patience import within
from wire.trust import Trust

ANSWER_SECONDS: Final = 5.0
TLS_SECONDS: Final = 12.0
EXPIRES_WITHIN: Final = timedelta(days=14)
HTTPS: Final = 443
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what it is asked by instead


def check_served(directory: Path) -> Check:
    """See whether a process serves this directory."""
    if is_served(directory):
        return passed("served", N_("A process serves this directory."))
    said = N_("No process serves this directory. The nodes keep what they say until it runs.")
    return warned(
        "served", said, sentence("Start it: liaison-hub serve {directory}, or its service.", directory=directory)
    )


def check_port(directory: Path, trust: Trust | None) -> Check:
    """Ask the running hub itself, where it has said that it serves."""
    place = served_at(directory)
    if not is_served(directory) or place is None:
        return skipped(["port"], N_("The hub does not run, or has not come to its pages yet."))[0]
    host = _EVERYWHERE.get(place[0], place[0])
    address = f"http://{f'[{host}]' if ':' in host else host}:{place[1]}"
    try:
        with HubClient(address, read_seconds=ANSWER_SECONDS) as client:
            found = str(client.get("/trust.json").get("network"))
            ready = client.get("/readyz")
    except (HubError, OSError, ValueError) as error:
        what = N_("See the hub's log. If it has just been started, it may still read its log: ask again in a minute.")
        return failed(
            "port", sentence("The pages do not answer at {address}.", address=address), what, str(error)[:300]
        )
    if trust is not None and found != trust.network:
        what = N_("End the program that has the port, or serve the hub on another one: --port.")
        return failed(
            "port", sentence("At {address} another network answers: {found}.", address=address, found=found[:100]), what
        )
    if ready.get("status") != "pass":
        return warned(
            "port",
            sentence("The hub answers at {address}, and not all of it is ready.", address=address),
            N_("See the hub's log."),
            str(ready)[:300],
        )
    return passed(
        "port", sentence("The hub answers at {address}.", address=address), f"log size {ready.get('log_size')}"
    )


def check_tls(address: str, now: datetime, *, mails: bool = False) -> Check:
    """See that the certificate of the pages' public address is valid, and for how long; `mails` link there."""
    parts = urlsplit(address)
    if mails and parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        cause = sentence(
            "Mails link to {address}, which is not https: mail programs cannot end them by one click (RFC 8058), and "
            "whoever carries the links can use them.",
            address=address,
        )
        what = N_("Set up a reverse proxy with a certificate, and name its https address in the settings (address).")
        return warned("tls", cause, what)
    if parts.scheme != "https" or not parts.hostname:
        cause = N_("The settings name no https address (address), so that there is no certificate to look at.")
        return skipped(["tls"], cause)[0]
    host, port = parts.hostname, parts.port or HTTPS
    try:
        until = within(TLS_SECONDS, lambda: _valid_until(host, port))
    except ssl.SSLError as error:
        what = N_(
            "Renew the certificate at the reverse proxy; it must be of this name and of an issuer that people trust."
        )
        return failed(
            "tls", sentence("There is no safe connection to {address}.", address=address), what, _reason(error)
        )
    except (OSError, ValueError) as error:  # TimeoutError too
        what = N_(
            "See that the reverse proxy runs and the name is right. A firewall may keep only this machine from it."
        )
        return warned(
            "tls", sentence("Nothing answers at {address} for this machine.", address=address), what, _reason(error)
        )
    said = sentence("The certificate of {host} is valid until {until}.", host=host, until=f"{until:%Y-%m-%d}")
    if until - now < EXPIRES_WITHIN:
        return warned("tls", said, N_("Renew it, and see why it did not renew itself."))
    return passed("tls", said)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _valid_until(host: str, port: int) -> datetime:
    with (
        socket.create_connection((host, port), timeout=ANSWER_SECONDS) as line,
        ssl.create_default_context().wrap_socket(line, server_hostname=host) as safe,
    ):
        until = str((safe.getpeercert() or {})["notAfter"])
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
