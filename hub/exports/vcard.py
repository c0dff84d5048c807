"""Contacts as cards in vCard 3.0 (RFC 2426), the version that every address book reads."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import vobject

from hub.exports.batches import Item
from hub.exports.publishers import Publishers
from hub.exports.wording import country_name, in_language, permanent_id
from schemas.codelists import SCHEMES, label

MEDIA_TYPE: Final = "text/vcard; charset=utf-8"
_PHONE_TYPES: Final = {"voice": "VOICE", "fax": "FAX", "text": "MSG", "video": "VIDEO"}
_CONTEXTS: Final = {"work": "WORK", "private": "HOME"}
INDIVIDUAL: Final = "individual"


def cards(
    batches: Iterable[list[Item]], network: str, publishers: Publishers, language: str, as_of: str
) -> Iterator[bytes]:
    """Give the file in pieces, one for each batch."""
    for batch in batches:
        yield b"".join(card(item, network, publishers, language, as_of) for item in batch)


def card(item: Item, network: str, publishers: Publishers, language: str, as_of: str) -> bytes:
    """Write the card of one contact."""
    record = item["record"]
    found = vobject.vCard()
    name = _line(in_language(record["name"], language)[1])
    _named(found, record, name, publishers.name(record["organization"], language), language)
    _reached(found, record, language)
    _add(found, "uid", permanent_id(network, item["kind"], item["org"], item["id"]))
    _add(found, "rev", record["confirmed_at"])
    if "timezone" in record:
        _add(found, "tz", record["timezone"]).value_param = "TEXT"
    if "themes" in record:
        _add(found, "categories", [_theme(theme) for theme in record["themes"]])
    _add(found, "note", "\n".join(_notes(item, as_of)))
    _add(found, "x-tlp", item["marking"])
    return _written(found)


def small_card(item: Item, publishers: Publishers, language: str, longest: int = 80) -> bytes:
    """Write a card that fits into a QR code: name, organization, first telephone number, first e-mail address."""
    record = item["record"]
    found = vobject.vCard()
    name = _line(in_language(record["name"], language)[1])[:longest]
    _add(found, "fn", name)
    _add(found, "n", vobject.vcard.Name(family=name))
    _add(found, "org", [_line(publishers.name(record["organization"], language))[:longest]])
    for phone in _first(record.get("phones", ()), "emergency"):
        _add(found, "tel", phone["number"])
    for email in _first(record.get("emails", ()), "pref"):
        _add(found, "email", email["address"])
    return _written(found)


def _written(found: Any) -> bytes:
    return str(found.serialize(lineLength=75)).encode()


def _first(ways: Iterable[dict[str, Any]], field: str) -> list[dict[str, Any]]:
    """Give the one way to reach a contact that it would have tried first."""
    rank = (lambda way: not way.get(field)) if field == "emergency" else (lambda way: way.get(field, 101))
    return sorted(ways, key=rank)[:1]


def _named(found: Any, record: dict[str, Any], name: str, organization: str, language: str) -> None:
    _add(found, "fn", name)
    _add(found, "n", vobject.vcard.Name(family=name))
    unit = [_line(record["unit"])] if "unit" in record else []
    _add(found, "org", [_line(organization), *unit])
    if "title" in record:
        _add(found, "title", _line(in_language(record["title"], language)[1]))
    _add(found, "role", ", ".join(label("contact_role", role) for role in record["roles"]))
    if record["card_kind"] != INDIVIDUAL:
        _add(found, "x-abshowas", "COMPANY")


def _reached(found: Any, record: dict[str, Any], language: str) -> None:
    for email in record.get("emails", ()):
        preferred = ["PREF"] if email.get("pref") == 1 else []
        _add(found, "email", email["address"]).type_param = ["INTERNET", *_contexts(email), *preferred]
    for phone in record.get("phones", ()):
        types = [_PHONE_TYPES[feature] for feature in phone.get("features", ["voice"])]
        _add(found, "tel", phone["number"]).type_param = ["WORK", *types, *(["PREF"] if phone.get("emergency") else [])]
    for address in record.get("addresses", ()):
        _add(found, "adr", _address(address, language)).type_param = _contexts(address) or ["WORK"]
        if "full" in address:
            _add(found, "label", address["full"]).type_param = _contexts(address) or ["WORK"]
    for service in record.get("online_services", ()):
        _add(found, "url", service["url"])


def _address(address: dict[str, Any], language: str) -> Any:
    country = country_name(address["country"], language) if "country" in address else ""
    street = address.get("street") or ("" if "locality" in address else address.get("full", ""))
    parts = {"city": "locality", "region": "region", "code": "postcode"}
    given = {name: _line(address.get(field, "")) for name, field in parts.items()}
    return vobject.vcard.Address(street=_line(street), country=country, **given)


def _contexts(way: dict[str, Any]) -> list[str]:
    return [_CONTEXTS[context] for context in way.get("contexts", ())]


def _notes(item: Item, as_of: str) -> Iterator[str]:
    record = item["record"]
    yield f"Last confirmed {record['confirmed_at']} ({item['freshness']}). As of {as_of}. {item['marking']}."
    if record.get("available_24x7"):
        yield "Reached at any hour."
    if "hours" in record:
        yield f"Hours: {record['hours']}"
    if "languages" in record:
        yield "Languages: " + ", ".join(each["language"] for each in record["languages"])
    if any(phone.get("emergency") for phone in record.get("phones", ())):
        numbers = ", ".join(phone["number"] for phone in record["phones"] if phone.get("emergency"))
        yield f"In an emergency: {numbers}"
    for key in record.get("crypto_keys", ()):
        yield f"Key: {key['fingerprint']}{' ' + key['url'] if 'url' in key else ''}"
    if item["status"] != "current":
        yield f"This record is {item['status']}."


def _theme(theme: dict[str, Any]) -> str:
    words = label(theme["scheme"], theme["code"]) if theme["scheme"] in SCHEMES else ""
    return _line(f"{theme['scheme']}:{theme['code']} {words}".strip())


def _add(found: Any, name: str, value: Any) -> Any:
    line = found.add(name)
    line.value = value
    return line


def _line(text: str) -> str:
    """Give text on one line: a line break in a name would end the property for some readers."""
    return " ".join(text.split())
