"""The commands and programs in docs/audit.md are run as they stand there, on a log whose lies they must notice."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.project import text
from tests.signed_network import TRUST, key_of
from tests.wire.audited_log import AuditedLog, honest_log
from tests.wire.evidences import evidence_from
from wire.evidence import Evidence
from wire.tlog_proof import TlogProof

RUN = re.compile(r"<!-- run: (?P<tool>\S+) -->\n```\w+\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
GO_SOURCES = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb")
INDEX = 12


def code(tool: str) -> str:
    """Give all that the page has for a tool, in its order."""
    return "".join(found["code"] for found in RUN.finditer(text("docs/audit.md")) if found["tool"] == tool)


def prepare(folder: Path, log: AuditedLog, evidence: Evidence | None = None) -> Path:
    """Lay out what the page says that one has: trust.json, evidence.json and a mirror."""
    log.write(folder / "mirror")
    (folder / "trust.json").write_bytes(TRUST.to_bytes())
    (folder / "evidence.json").write_bytes((evidence or evidence_from(log, INDEX)).to_bytes())
    return folder


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a tool where the files are."""
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=300, check=False
    )


def altered(log: AuditedLog) -> dict[str, Evidence]:
    """Evidence with one lie each."""
    whole = evidence_from(log, INDEX)
    header, _, signature = whole.token.split(b".")
    other = evidence_from(log, INDEX + 1)
    forged = honest_log(events=30)
    forged.sign(key=key_of("thief"))
    return {
        "token": replace(whole, token=b".".join([header, other.token.split(b".")[1], signature])),
        "body": replace(whole, body=other.body),
        "path": replace(whole, proof=TlogProof(INDEX + 1, whole.proof.path, whole.proof.checkpoint)),
        "checkpoint": evidence_from(forged, INDEX),
        "admission": replace(
            whole, registry=tuple(replace(each, body=_other_root(each.body)) for each in whole.registry)
        ),
    }


def _other_root(body: bytes) -> bytes:
    return re.sub(rb'"signature":"[^"]{20}', b'"signature":"' + b"A" * 20, body)


def test_every_block_of_code_on_the_page_is_run_here() -> None:
    fences = re.findall(r"^```(\w+)$", text("docs/audit.md"), re.MULTILINE)
    assert len(fences) == len(RUN.findall(text("docs/audit.md")))
    assert {found["tool"] for found in RUN.finditer(text("docs/audit.md"))} == {"openssl", "jose", "tlog-scales", "go"}


@pytest.fixture
def openssl() -> str:
    for tool, package in (("openssl", "openssl"), ("basenc", "coreutils 8.31 or newer"), ("bash", "bash")):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: apt install {package}")
    return "bash"


def test_one_event_by_hand(tmp_path: Path, openssl: str) -> None:
    ended = run(prepare(tmp_path, honest_log(events=30)), openssl, "-c", code("openssl"))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("Signature Verified Successfully") == 4 + 1 + 1 + 3
    assert f"entry {INDEX} leads to the root" in ended.stdout
    for organization in ("xa-centre", "xb-police", "xc-border"):
        assert f"cosigned by {organization} on " in ended.stdout


def test_by_hand_evidence_without_its_body_is_said_to_be_that_and_the_rest_is_proved(
    tmp_path: Path, openssl: str
) -> None:
    log = honest_log(events=30)
    ended = run(prepare(tmp_path, log, evidence_from(log, INDEX, absent="gone")), openssl, "-c", code("openssl"))
    assert ended.returncode == 0, ended.stderr
    assert "evidence without its body (gone)" in ended.stdout
    assert f"entry {INDEX} leads to the root" in ended.stdout


@pytest.mark.parametrize("lie", ["token", "body", "path", "checkpoint", "admission"])
def test_by_hand_a_lie_is_noticed(tmp_path: Path, openssl: str, lie: str) -> None:
    log = honest_log(events=30)
    ended = run(prepare(tmp_path, log, altered(log)[lie]), openssl, "-c", code("openssl"))
    assert ended.returncode != 0, ended.stdout


@pytest.fixture(scope="module")
def jose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed: apt install nodejs npm")
    folder = tmp_path_factory.mktemp("jose")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    got = run(folder, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "jose@6")
    if got.returncode != 0:
        pytest.skip("npm cannot get jose: a network or a proxy for npm is needed (npm install jose@6)")
    return folder


def test_jose_verifies_statement_and_admission_and_notices_lies(jose: Path) -> None:
    log = honest_log(events=30)
    (jose / "verify.js").write_text(code("jose"))
    ended = run(prepare(jose, log), "node", "verify.js")
    assert ended.returncode == 0, ended.stderr
    assert "xc-border:000000000003 signed liaison.need.published, need/xc-border/n3" in ended.stdout
    for lie in ("token", "admission"):
        assert run(prepare(jose, log, altered(log)[lie]), "node", "verify.js").returncode != 0, lie


def test_tlog_scales_reads_the_log_and_notices_an_altered_entry(tmp_path: Path) -> None:
    pytest.importorskip("tlog_scales", reason="tlog-scales is not installed: make install-dev")
    log = honest_log(events=300)
    (tmp_path / "read.py").write_text(code("tlog-scales"))
    ended = run(prepare(tmp_path, log), sys.executable, "read.py")
    assert ended.returncode == 0, ended.stderr
    assert f"{log.size} entries lead to the root that exercise.example/log signed" in ended.stdout
    log.entries[300] = log.entries[299]
    assert run(prepare(tmp_path, log), sys.executable, "read.py").returncode != 0


def test_go_s_own_packages_verify_the_proof_and_notice_lies(tmp_path: Path) -> None:
    if shutil.which("go") is None or not GO_SOURCES.exists():
        pytest.skip("Go and its package x/mod are not installed: apt install golang-go golang-golang-x-mod-dev")
    log = honest_log(events=30)
    go = {"GO111MODULE": "off", "GOPATH": str(GO_SOURCES.parents[4]), "GOCACHE": str(tmp_path / "cache"), "GOFLAGS": ""}
    (tmp_path / "main.go").write_text(code("go"))
    built = run(tmp_path, "go", "build", "-o", "check", "main.go", **go)
    assert built.returncode == 0, built.stderr
    ended = run(prepare(tmp_path, log), "./check")
    assert ended.returncode == 0, ended.stderr
    assert f"entry {INDEX} of {log.size} is in the log that exercise.example/log signed" in ended.stdout
    for lie in ("token", "path", "checkpoint"):
        assert run(prepare(tmp_path, log, altered(log)[lie]), "./check").returncode != 0, lie
