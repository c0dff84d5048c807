"""What the mail server says is told apart: taken, refused for good, refused for now; and passwords stay in files."""

from email.message import EmailMessage
from pathlib import Path

from hub.settings import SmtpSettings
from hub.subscriptions.smtp import Mailer
from hub.subscriptions.states import Outcome
from tests.hub.subscriptions.driving import smtp_at
from tests.hub.subscriptions.receivers import Mailbox


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hub@hub.example", "duty@centre.example", "Test"
    message.set_content("Text")
    return message


async def test_answers_are_told_apart(box: Mailbox) -> None:
    mailer = Mailer(smtp_at(box.port))
    assert (await mailer.send(mail())).outcome is Outcome.DELIVERED
    for answer, outcome in (("550 nobody", Outcome.REFUSED), ("451 later", Outcome.FAILED)):
        box.answers["duty@centre.example"] = answer
        found = await mailer.send(mail())
        assert (found.outcome, found.status) == (outcome, int(answer[:3]))


async def test_a_server_that_is_away_or_a_file_that_is_missing_is_for_now(box: Mailbox, tmp_path: Path) -> None:
    assert (await Mailer(smtp_at(1)).send(mail())).outcome is Outcome.FAILED
    found = await Mailer(smtp_at(box.port, tmp_path / "missing")).send(mail())
    assert (found.outcome, "FileNotFound" in found.text) == (Outcome.FAILED, True)


async def test_a_password_is_not_sent_where_tls_was_asked_for_and_there_is_none(box: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("throw-away\n")
    settings = SmtpSettings("127.0.0.1", box.port, "starttls", "hub", tmp_path / "password", "hub@hub.example")
    found = await Mailer(settings).send(mail())
    assert found.outcome is Outcome.FAILED
    assert "throw-away" not in found.text
    assert box.mails == []
