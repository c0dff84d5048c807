"""A record folded anew alone is what a rebuild of everything makes of it, and search finds what came late."""

from pathlib import Path

from fastapi.testclient import TestClient

from hub.rebuild import rebuild
from tests.hub.batches import view_of_all
from tests.hub.following.regional import Regional, logged_by
from tests.hub.following.test_app import client
from tests.hub.published import Published
from tests.signed_network import key_of, need
from wire.actions import KeyRevoked
from wire.log_source import DirectoryLog


def found(api: TestClient, word: str) -> list[str]:
    return [item["id"] for item in api.get("/api/v1/records", params={"q": word}).json()["items"]]


def test_a_late_body_is_found_and_a_dispute_stays(first: Published, regional: Regional, tmp_path: Path) -> None:
    first.publish("need", need("Zeppelin one"), org="xa-centre", id="n1")
    first.publish("need", need("Zeppelin two"), org="xa-centre", id="n2")
    key = key_of("xa-centre").public.thumbprint
    last = {"last_good_sequence": 1, "reason": "Stolen."}
    first.register(KeyRevoked(organization="xa-centre", key=key, **last, **first.roots.place()))
    log = logged_by(first)
    log.sign()
    whole = dict(log.bodies)
    log.bodies = {name: body for name, body in whole.items() if b"Zeppelin" not in body}
    assert regional.once(DirectoryLog(log.write(tmp_path / "log"))).awaited == 2
    assert found(client(regional), "zeppelin") == []
    log.bodies = whole
    assert regional.again(DirectoryLog(log.write(tmp_path / "log"))).awaited == 0
    api = client(regional)
    assert found(api, "zeppelin") == ["n1"]
    [disputed] = api.get("/api/v1/records?status=disputed").json()["items"]
    assert disputed["record"]["title"] == {"en": "Zeppelin two"}
    before = view_of_all(regional.engine)
    assert before == view_of_all(first.engine)
    rebuild(regional.engine)
    assert view_of_all(regional.engine) == before
