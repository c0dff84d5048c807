"""What a mail looks like: text and HTML, in its language, with the headers that unsubscribe, nothing smuggled in."""

from email.message import EmailMessage

from hub.subscriptions.derived import MANAGE
from hub.subscriptions.mails import MAX_SUBJECT, one_line
from tests.hub.published import example
from tests.hub.subscriptions.driving import ADDRESS, KEYS, Driven
from tests.hub.subscriptions.receivers import Mailbox
from tests.signed_network import need

DUTY = "duty@centre.example"


async def mail_about(mailing: Driven, box: Mailbox, title: str, **form: object) -> EmailMessage:
    made = mailing.subscribe(channel="mail", recipients=[DUTY], **form)
    mailing.confirm_all(made)
    mailing.network.publish("need", need(title), id=f"n{len(box.mails)}")
    await mailing.settle()
    return box.mails[-1]


async def test_it_can_be_ended_by_one_click_from_the_mail_program(mailing: Driven, box: Mailbox) -> None:
    made = mailing.subscribe(channel="mail", recipients=[DUTY])
    [token] = mailing.confirm_all(made)
    mailing.network.publish("need", need(), id="n1")
    await mailing.settle()
    [mail] = box.mails
    assert token == KEYS.token(MANAGE, mailing.targets(made)[0].id)
    assert mail["List-Unsubscribe"] == f"<{ADDRESS}/unsubscribe/{token}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["To"] == DUTY
    assert mail["From"] == "Liaison hub <hub@hub.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@exercise.example>")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert f"{ADDRESS}/subscriptions/{token}" in box.text()


async def test_what_a_record_says_gets_into_no_header_and_no_markup(mailing: Driven, box: Mailbox) -> None:
    title = "Gates Bcc: all@centre.example <b>&"
    mail = await mail_about(mailing, box, title, name="Kenya\r\nX-Injected: yes")
    assert "Bcc" not in mail
    assert "X-Injected" not in mail
    assert mail["Subject"] == "Need: Gates Bcc: all@centre.example <b>& – Kenya"
    assert box.recipients == [DUTY]
    assert "&lt;b&gt;&amp;" in box.text(form="html")
    assert "<b>&" in box.text()


def test_a_header_is_one_line_of_bounded_length() -> None:
    assert one_line("a\r\n b\u2028c\x00d") == "a b c d"
    assert len(one_line("x" * 1000)) == MAX_SUBJECT


async def test_it_is_in_the_language_of_the_subscription(mailing: Driven, box: Mailbox) -> None:
    mail = await mail_about(mailing, box, "Readers", language="ar")
    assert mail["Content-Language"] == "ar"
    assert '<html lang="ar" dir="rtl">' in box.text(form="html")
    mail = await mail_about(mailing, box, "Readers", language="fr")
    assert "– Kenya" in mail["Subject"]


async def test_more_than_can_be_listed_is_counted(mailing: Driven, box: Mailbox) -> None:
    made = mailing.subscribe(channel="mail", recipients=[DUTY], filters={"kind": ["need", "offer"]})
    mailing.confirm_all(made)
    for number in range(35):
        mailing.network.publish("need", need(f"Number {number}"), id=f"n{number}")
    mailing.network.publish("offer", example("offer"), id="o1")
    await mailing.settle()
    assert box.mails[0]["Subject"].startswith("36 changes: Needs, Offers")
    assert "6 earlier changes are not listed here." in box.text()
    assert "Number 34" in box.text()
    assert "Number 5\n" not in box.text()


async def test_a_stranger_writes_nothing_into_the_mail_that_asks_for_confirmation(
    mailing: Driven, box: Mailbox
) -> None:
    mailing.subscribe(channel="mail", recipients=[DUTY], name="Buy now at spam.example")
    await mailing.settle()
    [mail] = box.mails
    assert "spam.example" not in mail.as_string()
    assert mail["Subject"] == "Please confirm: mail about changes at exercise.example"
    assert "List-Unsubscribe" not in mail
