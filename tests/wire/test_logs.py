"""Services log as JSON lines on standard error; what answers a person shows none, nor what libraries warn of."""

import subprocess
import sys

import orjson
import pytest

SAID = "import logging, structlog; structlog.get_logger().error('bus.state'); logging.getLogger('asyncio').warning('x')"


def said_after(*began: str) -> str:
    """What a process prints that logs something itself and by a library, after these functions."""
    words = f"from wire.logs import log_nothing, log_to_stderr; {'; '.join(f'{each}()' for each in began)}; {SAID}"
    found = subprocess.run([sys.executable, "-c", words], capture_output=True, check=True, text=True, timeout=60)
    assert found.stdout == ""
    return found.stderr


def test_what_answers_a_person_logs_nothing_nor_does_a_library() -> None:
    assert said_after("log_nothing") == ""


@pytest.mark.parametrize("began", [["log_to_stderr"], ["log_nothing", "log_to_stderr"]])
def test_a_service_logs_json_lines_and_a_library_may_warn(began: list[str]) -> None:
    own, library = said_after(*began).splitlines()
    assert orjson.loads(own)["event"] == "bus.state"
    assert library == "x"
