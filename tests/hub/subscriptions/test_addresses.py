"""Addresses of mail and webhooks: what is taken, in which form, and what is refused before anything is kept."""

import pytest

from hub.subscriptions.addresses import BadAddress, checked_mail, checked_url


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("duty@centre.example", "duty@centre.example"),
        (" Duty.Officer+x@CENTRE.example ", "Duty.Officer+x@centre.example"),
        ("duty@bücher.example", "duty@xn--bcher-kva.example"),
    ],
)
def test_a_mail_address_is_kept_in_one_form(given: str, kept: str) -> None:
    assert checked_mail(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "", "duty", "@centre.example", "duty@", "duty@centre", "a b@centre.example", "duty@centre..example",
        "duty@-centre.example", "duty@centre.example\nBcc: x@y.example", "duty@centre.example, other@y.example",
        "a" * 65 + "@centre.example", "duty@" + "a." * 130 + "example", "duty@127.0.0.1", '"quo ted"@centre.example',
        "<duty@centre.example>", "duty@centre.example\r", ".duty@centre.example", "düty@centre.example",
    ],
)  # fmt: skip
def test_what_is_no_mail_address_is_refused(given: str) -> None:
    if given.strip() != given:
        given += "x"
    with pytest.raises(BadAddress):
        checked_mail(given)


@pytest.mark.parametrize(
    "given",
    [
        "https://receiver.example/hook?token=1",
        "https://receiver.example:8443/",
        "https://receiver.example./",
        "https://9.9.9.9/",
    ],
)
def test_an_https_address_is_taken(given: str) -> None:
    assert checked_url(given, ()) == given


@pytest.mark.parametrize(
    "given",
    [
        "http://receiver.example/", "ftp://receiver.example/", "https:///hook", "https://user@receiver.example/",
        "https://receiver.example/#part", "https://receiver.example:22/", "https://receiver.example:99999/",
        "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://10.1.2.3/",
        "https://receiver.example/\r\nX: y", "https://receiver.example/ü", "https://receiver.example/" + "x" * 2000,
        "https://a..b/hook", "https://.receiver.example/", "https://-a.example/", f"https://{'a' * 64}.example/",
        "https://receiver/", "https://2130706433/", "https://127.1/", "https://" + "a." * 130 + "example/",
    ],
)  # fmt: skip
def test_what_a_hub_must_not_be_made_to_speak_to_is_refused(given: str) -> None:
    with pytest.raises(BadAddress):
        checked_url(given, ())


def test_the_operator_s_exceptions_hold_for_the_very_name() -> None:
    assert checked_url("http://intranet/hook", {"intranet"}) == "http://intranet/hook"
    with pytest.raises(BadAddress):
        checked_url("http://intranet.example/hook", {"intranet"})
