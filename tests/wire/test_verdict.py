"""Verdict steps 3 to 7, and the order of all: the first fault of the contract's list is the one that is told."""

import pytest

from schemas.body import MAX_BYTES as MAX_BODY
from tests.signed_network import NETWORK, Organization, key_of, message_of, need, signed_anew
from tests.wire.hearing import Hearing, network
from wire.encoding import b64url
from wire.examine import examine
from wire.notes import VerifierKey
from wire.reasons import Reason
from wire.registry import Standing
from wire.verdict import Chain, Early, Refused, may_name_former


def test_a_chain_is_accepted_event_by_event() -> None:
    hearing, ours = network()
    assert [hearing.reason(message_of(ours.say(id=f"n{number}"))) for number in range(5)] == ["accepted"] * 5


def test_an_event_sent_again_is_a_duplicate_even_under_another_token() -> None:
    """Duplicates are recognized by the statement: a second signature over it is nothing new, valid or not."""
    hearing, ours = network()
    sealed = ours.say()
    hearing.judge(message_of(sealed))
    assert hearing.reason(message_of(sealed)) == "duplicate"
    assert hearing.reason(signed_anew(sealed, key_of("stranger"))) == "duplicate"


@pytest.mark.parametrize("standing", list(Standing))
def test_a_duplicate_is_one_whatever_has_become_of_its_organization(standing: Standing) -> None:
    hearing, ours = network()
    sealed = ours.say()
    hearing.judge(message_of(sealed))
    hearing.registry.set_standing("ke-nctc", standing)
    assert hearing.reason(message_of(sealed)) == "duplicate"


def test_an_event_after_a_gap_is_early_and_says_which_one_is_awaited() -> None:
    hearing, ours = network()
    hearing.judge(message_of(ours.say()))
    ours.say()
    assert hearing.judge(message_of(ours.say())) == Early(2)


def test_an_organization_that_nobody_admitted_is_unknown() -> None:
    _, ours = network()
    assert Hearing().reason(message_of(ours.say())) == Reason.UNKNOWN_ORGANIZATION


def test_a_suspended_organization_is_heard_again_once_it_is_reinstated() -> None:
    hearing, ours = network()
    sealed = ours.say()
    hearing.registry.set_standing("ke-nctc", Standing.SUSPENDED)
    assert hearing.reason(message_of(sealed)) == Reason.SUSPENDED
    hearing.registry.set_standing("ke-nctc", Standing.ACTIVE)
    assert hearing.reason(message_of(sealed)) == "accepted"


def test_a_retired_organization_is_not_heard() -> None:
    hearing, ours = network()
    hearing.registry.set_standing("ke-nctc", Standing.RETIRED)
    assert hearing.reason(message_of(ours.say())) == Reason.RETIRED


def test_a_statement_signed_with_a_key_nobody_registered_is_refused() -> None:
    hearing, ours = network()
    assert hearing.reason(message_of(ours.say(key=key_of("stranger")))) == Reason.UNKNOWN_KEY


def test_a_member_cannot_sign_for_another_member() -> None:
    hearing, ours = network()
    assert hearing.reason(message_of(ours.say(key=key_of("fr-office")))) == Reason.UNKNOWN_KEY


def test_the_hub_itself_cannot_sign_for_a_member() -> None:
    hearing, ours = network()
    assert hearing.reason(message_of(ours.say(key=key_of("hub")))) == Reason.UNKNOWN_KEY


def test_a_key_that_was_replaced_is_not_valid_any_more_from_the_very_index_of_the_change() -> None:
    hearing, ours = network()
    hearing.judge(message_of(ours.say()))
    hearing.registry.replace_key("ke-nctc", key_of("new").public, hearing.size)
    assert hearing.reason(message_of(ours.twin().say())) == Reason.KEY_NOT_VALID
    assert hearing.reason(message_of(ours.say(key=key_of("new")))) == "accepted"


def test_a_key_is_not_valid_before_its_period_begins() -> None:
    hearing, ours = network()
    hearing.registry.replace_key("ke-nctc", key_of("new").public, hearing.size + 1)
    assert hearing.reason(message_of(ours.twin().say(key=key_of("new")))) == Reason.KEY_NOT_VALID
    assert hearing.reason(message_of(ours.say())) == "accepted"
    assert hearing.reason(message_of(ours.twin().say())) == Reason.KEY_NOT_VALID
    assert hearing.reason(message_of(ours.say(key=key_of("new")))) == "accepted"


def test_another_statement_for_a_place_that_is_taken_is_a_fork() -> None:
    hearing, ours = network()
    copy = ours.twin()
    hearing.judge(message_of(ours.say()))
    assert hearing.reason(message_of(copy.say(need("Something else")))) == Reason.FORKED


def test_the_next_statement_after_another_past_is_a_fork() -> None:
    hearing, ours = network()
    hearing.judge(message_of(ours.say()))
    assert hearing.reason(signed_anew(ours.say(), ours.key, previous=b64url(bytes(32)))) == Reason.FORKED


def test_the_first_statement_begins_with_the_hash_of_the_admission_and_no_other() -> None:
    hearing, ours = network()
    assert hearing.reason(signed_anew(ours.say(), ours.key, previous=b64url(bytes(32)))) == Reason.FORKED


def test_nothing_is_accepted_of_a_chain_that_has_forked() -> None:
    hearing, ours = network()
    hearing.judge(message_of(ours.say()))
    chain = hearing.chains["ke-nctc"]
    hearing.chains["ke-nctc"] = type(chain)(chain.sequence, chain.head, forked=True)
    assert hearing.reason(message_of(ours.say())) == Reason.FORKED
    assert hearing.reason(message_of(ours.say())) == Reason.FORKED


def test_what_only_looks_like_a_fork_is_no_evidence_against_an_organization() -> None:
    """Anybody could make it: it is refused at steps 4 to 6, before the chain is looked at."""
    hearing, ours = network()
    hearing.judge(message_of(ours.twin().say()))
    other = ours.say(need("Forged"), key=key_of("fr-office"))
    assert hearing.reason(message_of(other)) == Reason.UNKNOWN_KEY
    head, _, signature = message_of(ours.twin().say()).token.split(b".")
    mixed = b".".join((head, signed_anew(other, ours.key).token.split(b".")[1], signature))
    assert hearing.reason(message_of(other)._replace(token=mixed)) == Reason.BAD_SIGNATURE


def test_an_event_with_every_fault_is_told_the_first_and_then_the_next_as_each_is_mended() -> None:
    hearing, ours = network()
    stranger = key_of("stranger")
    first = ours.twin()
    logged = first.say()
    hearing.judge(message_of(logged))
    hearing.registry.set_standing("ke-nctc", Standing.SUSPENDED)
    sealed = ours.say(body=b"no record", marking="TLP:RED")
    bad = {"type": "liaison.need.exploded", "dataschema": "https://other.example/schemas/need/1"}
    bad["source"] = "https://other.example/orgs/fr-office"
    bad["id"] = "fr-office:000000000001"
    bad["previous"] = b64url(bytes(32))

    def told(body: bytes | None = b"x" * (MAX_BODY + 1), **changes: str) -> str:
        return hearing.reason(signed_anew(sealed, stranger, **{**bad, **changes})._replace(body=body))

    assert told(marking="TLP:WHITE") == Reason.TOO_LARGE
    assert told(None, marking="TLP:WHITE") == Reason.MALFORMED
    assert told(None) == Reason.UNKNOWN_KIND
    bad["type"] = "liaison.need.published"
    assert told(None) == Reason.WRONG_NETWORK
    bad |= {
        "source": "https://exercise.example/orgs/fr-office",
        "dataschema": "https://exercise.example/schemas/need/1",
    }
    assert told(None) == Reason.WRONG_SUBJECT
    bad |= {"source": "https://exercise.example/orgs/ke-nctc", "id": "ke-nctc:000000000009", "sequence": "000000000009"}
    assert told(None) == "early"
    bad |= {"id": "ke-nctc:000000000001", "sequence": "000000000001"}
    assert told(None) == Reason.SUSPENDED
    hearing.registry.set_standing("ke-nctc", Standing.ACTIVE)
    assert told(None) == Reason.UNKNOWN_KEY
    forged = signed_anew(sealed, ours.key, **bad)
    cut = forged.token.rsplit(b".", 1)[0] + b"." + b64url(bytes(64)).encode()
    assert hearing.reason(forged._replace(token=cut, body=None)) == Reason.BAD_SIGNATURE
    assert hearing.reason(forged._replace(body=None)) == Reason.FORKED
    bad |= {"id": "ke-nctc:000000000002", "sequence": "000000000002", "previous": b64url(logged.hash)}
    stand = dict(hearing.chains), dict(hearing.logged)

    def logged_as(body: bytes | None, **changes: str) -> str:
        hearing.chains, hearing.logged = dict(stand[0]), dict(stand[1])
        return hearing.reason(signed_anew(sealed, ours.key, **{**bad, **changes})._replace(body=body))

    assert logged_as(None) == Reason.BODY_MISSING
    assert logged_as(b"another") == Reason.BODY_MISMATCH
    assert logged_as(sealed.body) == Reason.SCHEMA_INVALID


def test_a_refusal_says_what_was_found_and_what_was_expected() -> None:
    hearing, ours = network()
    hearing.judge(message_of(ours.say()))
    verdict = hearing.judge(signed_anew(ours.say(), ours.key, previous=b64url(bytes(32))))
    assert isinstance(verdict, Refused)
    assert verdict.refusal.found == f"sequence 2 after {b64url(bytes(32))}"
    assert verdict.refusal.expected.startswith("sequence 2 after ")


# what the speaker has seen -----------------------------------------------------------------------------------------


def seen(hearing: Hearing, ours: Organization, size: int | None, root: bytes = bytes(32)) -> str:
    """Let the organization say its next event with this in `seen`, and take back what was refused."""
    before = (ours.sequence, ours.head)
    sealed = ours.say()
    message = signed_anew(sealed, ours.key, seen=None if size is None else f"{size}:{b64url(root)}")
    reason = hearing.reason(message)
    if reason == "accepted":
        ours.head = hearing.chains[ours.id].head
    else:
        ours.sequence, ours.head = before
    return reason


def test_what_was_seen_stays_and_never_decreases() -> None:
    hearing, ours = network()
    assert [seen(hearing, ours, size) for size in (None, 1, 1, 2, 1, None, 2)] == [
        "accepted", "accepted", "accepted", "accepted", Reason.MALFORMED, Reason.MALFORMED, "accepted",
    ]  # fmt: skip


def test_nothing_can_be_seen_that_is_younger_than_the_statement() -> None:
    hearing, ours = network()
    assert seen(hearing, ours, hearing.size + 1) == Reason.MALFORMED
    assert seen(hearing, ours, hearing.size) == "accepted"


def test_another_root_than_the_log_has_is_no_ground_for_exclusion() -> None:
    hearing, ours = network()
    assert seen(hearing, ours, 1, b"\x01" * 32) == "accepted"
    assert seen(hearing, ours, 1, b"\x02" * 32) == "accepted"


def test_what_was_said_in_a_lost_log_is_taken_whatever_has_become_of_its_author_and_its_key() -> None:
    hearing, ours = network()
    first, last = ours.say(), ours.say(id="n2")
    hearing.registry.begin_log(
        VerifierKey("exercise.example/log/2", key_of("log 2").public), {"ke-nctc": (2, last.hash)}
    )
    hearing.registry.set_standing("ke-nctc", Standing.SUSPENDED)
    hearing.registry.replace_key("ke-nctc", key_of("another").public, 1)
    assert [hearing.reason(message_of(each)) for each in (first, last)] == ["accepted", "accepted"]
    after = message_of(ours.say(id="n3"))
    assert hearing.reason(after) == Reason.SUSPENDED
    hearing.registry.set_standing("ke-nctc", Standing.ACTIVE)
    assert hearing.reason(after) == Reason.KEY_NOT_VALID


def test_a_chain_that_did_not_end_so_in_the_lost_log_forks_until_new_keys_free_it() -> None:
    hearing, ours = network()
    log = VerifierKey("exercise.example/log/2", key_of("log 2").public)
    hearing.registry.begin_log(log, {"ke-nctc": (1, bytes(32))})
    sealed = ours.say()
    assert hearing.reason(message_of(sealed)) == Reason.FORKED
    hearing.registry.free_end("ke-nctc")
    assert hearing.reason(message_of(sealed)) == "accepted"


def test_what_was_sealed_before_the_loss_may_name_the_lost_log_until_its_author_has_named_the_next() -> None:
    hearing, ours = network()
    said = examine(message_of(ours.say()), NETWORK, hearing.registry.keys).said
    assert said is not None
    naming = said._replace(seen="5:" + "A" * 43)
    chain = Chain(0, bytes(32))
    assert not may_name_former(naming, chain, hearing.registry)
    hearing.registry.begin_log(VerifierKey("exercise.example/log/2", key_of("log 2").public), {"ke-nctc": (1, b"")})
    assert may_name_former(naming, chain, hearing.registry)
    assert not may_name_former(naming, chain._replace(seen=3), hearing.registry)
    assert not may_name_former(said, chain, hearing.registry)
    assert not may_name_former(naming, None, hearing.registry)
