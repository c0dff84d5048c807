"""A worker answers whole parcels, and ends with its parent, whatever was under way."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from hub.examining import serve
from hub.parcels import pack_messages, unpack_reads
from hub.reads import read_messages
from hub.worker_process import HEAD
from tests.signed_network import NETWORK, Organization, key_of, message_of

KEYS = key_of("ke-nctc").public.raw
MESSAGES = [message_of(Organization("ke-nctc", bytes(32), key_of("ke-nctc")).say())]
PARCEL = pack_messages(MESSAGES)
QUESTION = HEAD.pack(len(KEYS), len(PARCEL)) + KEYS + PARCEL
COMMAND = [sys.executable, "-P", "-m", "hub.examining", NETWORK]


def test_one_answer_is_written_for_each_whole_parcel() -> None:
    answers = io.BytesIO()
    serve(NETWORK, io.BytesIO(QUESTION * 2), answers)
    said = answers.getvalue()
    _, size = HEAD.unpack_from(said)
    assert said == said[: HEAD.size + size] * 2
    assert unpack_reads(said[HEAD.size : HEAD.size + size]) == read_messages(NETWORK, KEYS, MESSAGES)


@pytest.mark.parametrize("end", [0, 1, HEAD.size, HEAD.size + 5, len(QUESTION) - 1])
def test_half_a_parcel_is_not_answered(end: int) -> None:
    answers = io.BytesIO()
    serve(NETWORK, io.BytesIO(QUESTION[:end]), answers)
    assert answers.getvalue() == b""


def test_a_worker_ends_quietly_when_its_parent_has_gone() -> None:
    done = subprocess.run(COMMAND, input=QUESTION[:-1], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdout.close()  # nobody is there to hear the answer
        worker.stdin.write(QUESTION)
        worker.stdin.close()
        assert worker.stderr is not None
        assert (worker.stderr.read(), worker.wait(60)) == (b"", 0)


def test_no_module_of_a_worker_comes_from_the_folder_where_the_hub_was_started(tmp_path: Path) -> None:
    (tmp_path / "orjson.py").write_text("raise SystemExit('a stranger was here')")
    done = subprocess.run(COMMAND, input=QUESTION, cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout
