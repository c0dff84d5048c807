"""Whom an encrypted body names, judged with the registry: a list that was tampered with keeps it out of the view."""

from dataclasses import replace

import pytest

from schemas.body import make_body
from tests.signed_network import encrypted_to, message_of, need, nonce, reading_key_of
from tests.wire.hearing import Hearing, network
from wire.addressing import misaddressed
from wire.encryption import encrypt
from wire.examine import Message
from wire.jwe import CONTENT_TYPE, Recipient
from wire.reasons import Reason
from wire.registry import Standing
from wire.verdict import Accepted
from wire.x25519 import DecryptionKey

PLAIN = make_body(need(), nonce(0))


def heard(body: bytes) -> tuple[Hearing, Message]:
    """A network, and an event of ke-nctc with this encrypted body."""
    hearing, ours = network()
    return hearing, message_of(ours.say(marking="TLP:AMBER", body=body, content_type=CONTENT_TYPE))


def fault_of(hearing: Hearing, message: Message) -> tuple[str, list[str]]:
    """The reason of the exclusion, and where its problems are."""
    verdict = hearing.judge(message)
    assert isinstance(verdict, Accepted)
    assert verdict.exclusion is not None
    return str(verdict.exclusion.reason), [each.pointer for each in verdict.exclusion.problems]


def test_known_organizations_by_their_registered_keys_are_the_right_readers() -> None:
    hearing, message = heard(encrypted_to(PLAIN, "ke-nctc", "fr-office", "hub"))
    assert hearing.reason(message) == "accepted"


def test_an_author_left_out_of_the_readers_violates_the_marking() -> None:
    assert fault_of(*heard(encrypted_to(PLAIN, "fr-office"))) == (Reason.MARKING_VIOLATED, ["/protected/to"])


def test_a_reader_whom_nobody_admitted_violates_the_marking() -> None:
    body = encrypted_to(PLAIN, "ke-nctc", "xa-office")
    assert fault_of(*heard(body)) == (Reason.MARKING_VIOLATED, ["/protected/to/1"])


def test_the_registry_itself_reads_nothing() -> None:
    assert fault_of(*heard(encrypted_to(PLAIN, "ke-nctc", "registry")))[1] == ["/protected/to/1"]


@pytest.mark.parametrize(
    ("standing", "expected"), [(Standing.ACTIVE, True), (Standing.SUSPENDED, True), (Standing.RETIRED, False)]
)
def test_a_retired_reader_violates_the_marking_and_a_suspended_one_does_not(standing: Standing, expected: bool) -> None:
    hearing, message = heard(encrypted_to(PLAIN, "ke-nctc", "fr-office"))
    hearing.registry.set_standing("fr-office", standing)
    assert (hearing.reason(message) == "accepted") is expected


def test_the_key_of_another_organization_under_a_readers_name_violates_the_marking() -> None:
    """Who is named would not be who reads: the list that is shown before publishing would be a lie."""
    stranger = DecryptionKey.generate().public
    body = encrypt(PLAIN, {"ke-nctc": reading_key_of("ke-nctc").public, "fr-office": stranger})
    assert fault_of(*heard(body)) == (Reason.MARKING_VIOLATED, ["/recipients/0/header/kid"])
    swapped = encrypt(
        PLAIN, {"ke-nctc": reading_key_of("fr-office").public, "fr-office": reading_key_of("ke-nctc").public}
    )
    assert fault_of(*heard(swapped))[1] == ["/recipients/0/header/kid", "/recipients/1/header/kid"]


def test_the_key_counts_that_is_registered_at_the_index_of_the_event_not_before_and_not_after() -> None:
    new = DecryptionKey.generate().public
    for body, expected in (
        (encrypted_to(PLAIN, "ke-nctc", "fr-office"), Reason.MARKING_VIOLATED),
        (encrypt(PLAIN, {"ke-nctc": reading_key_of("ke-nctc").public, "fr-office": new}), "accepted"),
    ):
        hearing, message = heard(body)
        hearing.registry.admit(replace(hearing.registry.members["fr-office"], encryption=new))
        assert hearing.reason(message) == expected


def test_an_organization_without_a_key_for_reading_cannot_be_named() -> None:
    hearing, message = heard(encrypted_to(PLAIN, "ke-nctc", "fr-office"))
    hearing.registry.admit(replace(hearing.registry.members["fr-office"], encryption=b""))
    assert fault_of(hearing, message) == (Reason.MARKING_VIOLATED, ["/protected/to/0"])


def test_what_is_not_encrypted_names_nobody() -> None:
    hearing, _ = network()
    assert misaddressed("ke-nctc", (), hearing.registry) is None
    assert misaddressed("ke-nctc", (Recipient("fr-office", "x"),), hearing.registry) is not None
