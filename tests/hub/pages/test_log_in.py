"""Tests of the pages where people log in: cookies, sessions, forms from elsewhere, and what others may not see."""

from collections.abc import Iterator

import lxml.html
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from hub.access import create_token, remove_tokens
from hub.accounts import people
from hub.clock import utc_now
from people.passwords import Passwords
from tests.hub.published import Published
from tests.hub.serving import api_of
from tests.people.desks import PASSWORD, QUICK
from tests.signed_network import contact

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make argon2id quick: its cost is not what is tested here."""
    made = Passwords.__init__
    monkeypatch.setattr(Passwords, "__init__", lambda self, hasher=None: made(self, hasher or QUICK))


@pytest.fixture
def desk(small_network: Published, quick: None) -> Iterator[TestClient]:
    """A browser in front of a hub with TLS; amina is invited, and holds a code."""
    small_network.publish("contact", contact(name={"en": "Quelimane"}), marking="TLP:GREEN", id="c1")
    with TestClient(api_of(small_network), base_url="https://hub.example", headers=OURS) as client:
        yield client


def invite(network: Published, name: str = "amina", role: str = "member") -> str:
    with network.engine.begin() as connection:
        return people.add(connection, name, role, utc_now(), person="Amina Warsame")


def send(client: TestClient, address: str, **fields: str) -> Response:
    return client.post(address, data=fields, follow_redirects=False)


def first(client: TestClient, network: Published, role: str = "member") -> Response:
    return send(client, "/login/first", code=invite(network, role=role), password=PASSWORD)


def problems(answer: Response) -> list[str]:
    return [str(each.text_content()) for each in lxml.html.fromstring(answer.text).xpath("//*[@id='errors']//li")]


def test_a_person_sets_the_password_sees_what_members_see_and_logs_out(
    desk: TestClient, small_network: Published
) -> None:
    assert "Quelimane" not in desk.get("/api/v1/records").text
    answer = first(desk, small_network)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    account = desk.get("/en/account")
    assert "Amina Warsame" in account.text
    assert account.headers["cache-control"] == "no-store"
    assert "Quelimane" in desk.get("/api/v1/records").text
    assert send(desk, "/logout").headers["location"] == "/login"
    assert "Quelimane" not in desk.get("/api/v1/records").text
    assert "liaison-session" not in str(desk.cookies)


def test_cookies_are_for_this_host_alone_and_no_script_reads_them(desk: TestClient, small_network: Published) -> None:
    cookies = first(desk, small_network).headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-liaison-")
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
    session = next(cookie for cookie in cookies if "session" in cookie)
    assert "max-age" not in session.lower(), "it ends with the browser"


def test_without_tls_the_cookie_has_no_prefix_that_browsers_would_refuse(small_network: Published, quick: None) -> None:
    client = TestClient(api_of(small_network), base_url="http://127.0.0.1:8300", headers=OURS)
    [session, _] = first(client, small_network).headers.get_list("set-cookie")
    assert session.startswith("liaison-session=")
    assert "secure" not in session.lower()


def test_a_cookie_without_its_prefix_is_not_believed_where_there_is_tls(
    desk: TestClient, small_network: Published
) -> None:
    """Or another host of the same domain could log somebody in under its own account."""
    first(desk, small_network)
    value = next(cookie.value for cookie in desk.cookies.jar if "session" in cookie.name)
    desk.cookies.clear()
    desk.cookies.set("liaison-session", value or "")
    assert "Quelimane" not in desk.get("/api/v1/records").text


def test_a_planted_session_is_worth_nothing_after_its_victim_has_logged_in(
    desk: TestClient, small_network: Published
) -> None:
    desk.cookies.set("__Host-liaison-session", "planted")
    first(desk, small_network)
    thief = TestClient(desk.app, base_url="https://hub.example", cookies={"__Host-liaison-session": "planted"})
    assert "Quelimane" not in thief.get("/api/v1/records").text


@pytest.mark.parametrize("address", ["/login", "/logout", "/login/first", "/account", "/fr/login"])
@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_no_form_of_another_site_does_anything(desk: TestClient, address: str, headers: dict[str, str]) -> None:
    desk.headers.pop("Sec-Fetch-Site")
    answer = desk.post(address, data={"name": "amina", "password": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert ("rien n’a été fait" if address.startswith("/fr/") else "nothing was done") in answer.text


def test_what_is_wrong_is_said_beside_the_form_and_the_same_whoever_it_is(
    desk: TestClient, small_network: Published
) -> None:
    invite(small_network)
    known, unknown = (send(desk, "/login", name=name, password="wrong horse battery") for name in ("amina", "bruno"))
    assert known.status_code == unknown.status_code == 401
    assert known.text == unknown.text.replace("bruno", "amina")
    assert problems(known) == [
        "Name or password is not right. If you have forgotten it, ask the hub's operators for a new code."
    ]
    assert problems(send(desk, "/login/first", code="x", password=PASSWORD)) == [
        "This code is not good, or not any more. Ask the hub's operators for a new one."
    ]


def test_a_short_password_is_refused_and_the_code_stays_in_the_form(desk: TestClient, small_network: Published) -> None:
    code = invite(small_network)
    answer = send(desk, "/login/first", code=code, password="short")
    assert (answer.status_code, problems(answer)) == (422, ["The password is too short. Use at least 12 characters."])
    assert lxml.html.fromstring(answer.text).xpath("//input[@id='code']/@value") == [code]
    assert "short</" not in answer.text


def test_who_fails_too_often_is_told_to_wait(small_network: Published, quick: None) -> None:
    now = utc_now()  # it stands still, or a slow machine would have waited long enough
    desk = TestClient(api_of(small_network, now=lambda: now), base_url="https://hub.example", headers=OURS)
    first(desk, small_network)
    desk.cookies.clear()
    for _ in range(5):
        assert send(desk, "/login", name="amina", password="wrong").status_code == 401
    answer = send(desk, "/login", name="amina", password=PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert "Nothing was tried this time" in problems(answer)[0]


def test_an_access_token_logs_in_until_it_is_removed(desk: TestClient, small_network: Published) -> None:
    token = create_token(small_network.engine, "member", "Reader")
    assert send(desk, "/login", token="nonsense").status_code == 401
    answer = send(desk, "/login", token=token, next="/needs?q=x")
    assert answer.headers["location"] == "/needs?q=x"
    assert token not in str(answer.headers)
    assert "Quelimane" in desk.get("/api/v1/records").text
    with small_network.engine.begin() as connection:
        remove_tokens(connection, "Reader")
    assert "Quelimane" not in desk.get("/api/v1/records").text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/\tx", "/é"]
)
def test_no_link_sends_anybody_elsewhere_after_logging_in(
    desk: TestClient, small_network: Published, target: str
) -> None:
    token = create_token(small_network.engine, "member", "Reader")
    assert send(desk, "/login", token=token, next=target).headers["location"] == "/"
    page = lxml.html.fromstring(desk.get("/en/login", params={"next": target}).text)
    assert set(page.xpath("//input[@name='next']/@value")) == {"/"}


def test_the_password_is_changed_with_the_old_one_and_other_sessions_end(
    desk: TestClient, small_network: Published
) -> None:
    first(desk, small_network)
    other = TestClient(desk.app, base_url="https://hub.example", headers=OURS)
    send(other, "/login", name="amina", password=PASSWORD)
    assert "Quelimane" in other.get("/api/v1/records").text
    assert problems(send(desk, "/account", old="wrong", password="another horse entirely")) == [
        "Your present password is not right."
    ]
    assert send(desk, "/account", old=PASSWORD, password="another horse entirely").status_code == 303
    assert "The password is changed" in desk.get("/en/account?changed=yes").text
    assert "Quelimane" not in other.get("/api/v1/records").text
    assert "Quelimane" in desk.get("/api/v1/records").text


def test_the_public_has_no_account_page_and_is_asked_to_log_in_for_operators_pages(desk: TestClient) -> None:
    answer = desk.get("/fr/account", follow_redirects=False)
    assert answer.headers["location"] == "/fr/login?next=%2Faccount"


def test_the_head_of_each_page_says_who_is_reading(desk: TestClient, small_network: Published) -> None:
    def account(client: TestClient) -> str:
        found = lxml.html.fromstring(client.get("/en/resources").text).xpath("//*[contains(@class,'li-account')]")
        return " ".join(found[0].text_content().split())

    assert account(desk) == "Log in"
    first(desk, small_network, role="operator")
    assert account(desk) == "Amina Warsame operator Log out"
    assert "/en/sync" in lxml.html.fromstring(desk.get("/en/resources").text).xpath("//nav//a/@href")
    stranger = TestClient(desk.app, headers={**OURS, "Authorization": "Bearer nonsense"})
    assert stranger.get("/en/login").status_code == 200


def test_a_page_behind_a_bearer_token_that_is_not_known_says_so(desk: TestClient) -> None:
    answer = desk.get("/en/resources", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert "access token is not known" in answer.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * 100_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(500)), "application/x-www-form-urlencoded", 400),
        (b"name=\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"", "multipart/form-data; boundary=x", 415),
    ],
)
def test_a_form_that_is_none_is_refused(desk: TestClient, body: bytes, kind: str, status: int) -> None:
    assert desk.post("/login", content=body, headers={"Content-Type": kind}).status_code == status
