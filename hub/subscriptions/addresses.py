"""Where a subscription may go: mail addresses and webhook addresses, checked before anything is kept or sent."""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence

MAX_MAIL: Final = 254
MAX_LOCAL: Final = 64
MAX_URL: Final = 2000
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")
_NAT64: Final = IPv6Network("64:ff9b::/96")  # leads to the IPv4 address in its end
_LOWEST_PORT: Final = 1024  # below, besides 443, stand services that a hub must not be made to speak to

Address = IPv4Address | IPv6Address


class BadAddress(ValueError):
    """An address that cannot be used; the message says what it must be, as what follows "must"."""


def checked_mail(text: str) -> str:
    """Give a mail address as it is kept: its domain in lower case and in ASCII; BadAddress."""
    local, at, domain = text.strip().rpartition("@")
    if not at or len(text) > MAX_MAIL or len(local) > MAX_LOCAL or not _LOCAL.fullmatch(local):
        raise BadAddress(N_("be a mail address, as duty@centre.example"))
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        ascii_domain = ""
    if not _is_domain(ascii_domain):
        raise BadAddress(N_("have after @ the name of a domain, as centre.example"))
    return f"{local}@{ascii_domain}"


def checked_url(text: str, private_hosts: Collection[str]) -> str:
    """Give a webhook's address if it is one; BadAddress. Hosts that the operator named may be private, and http."""
    if len(text) > MAX_URL or not _PRINTABLE.fullmatch(text):
        raise BadAddress(
            sentence("be an address of at most {max_url} characters of ASCII, without blanks", max_url=MAX_URL)
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadAddress(N_("be an address, as https://receiver.example/hook")) from None
    named = host in private_hosts
    if parts.scheme not in ({"https", "http"} if named else {"https"}) or not host:
        raise BadAddress(N_("begin with https://"))
    if parts.username is not None or parts.fragment:
        raise BadAddress(N_("have no user, password or fragment; a token may stand in the path or query"))
    if not named and port is not None and port != 443 and port < _LOWEST_PORT:
        raise BadAddress(sentence("have the port 443, or {lowest_port} or more", lowest_port=_LOWEST_PORT))
    literal = _literal(host)
    if not named and literal is None and not _is_domain(host.removesuffix(".")):
        raise BadAddress(N_("be an address, as https://receiver.example/hook"))
    if not named and literal is not None and not is_public(literal):
        raise BadAddress(N_("lead to a public address; hub.toml's webhook_private_hosts names exceptions"))
    return text


def is_public(address: Address) -> bool:
    """Whether this is an address of the public internet: not private, loopback, link-local or otherwise reserved."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _is_domain(name: str) -> bool:
    labels = name.split(".")
    return len(labels) > 1 and len(name) < 254 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdecimal()


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def host_of(channel: str, address: str) -> str:
    """Give the part of an address that names no person and no secret: a webhook's host, a mail's domain."""
    if channel == "mail":
        return address.rpartition("@")[2]
    return address.partition("://")[2].partition("/")[0].partition("?")[0]
