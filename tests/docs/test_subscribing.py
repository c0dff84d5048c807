"""The commands and programs in docs/subscribing.md are run as they stand there, on a hub that goes away meanwhile."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from hub.cloudevents import cloudevent
from hub.streaming.beginning import RETRY_MILLISECONDS
from hub.streaming.event_stream import PATIENCE_SECONDS
from hub.streaming.limits import LiveLimits
from tests.bus_fixture import running_bus
from tests.docs.project import text
from tests.hub.published import Published, small_network, sqlite_engine
from tests.hub.serving import Served, served
from tests.signed_network import need

__all__ = ["small_network", "sqlite_engine"]

RUN = re.compile(r"<!-- run: (?P<tool>\S+) -->\n```\w+\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)


def code(tool: str) -> str:
    """The block of a tool."""
    [found] = [each["code"] for each in RUN.finditer(text("docs/subscribing.md")) if each["tool"] == tool]
    return found


@contextmanager
def lines_of(*command: str, **environment: str) -> Iterator[Iterator[str]]:
    """Run something that does not end by itself, and give its lines."""
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environment
    )
    assert running.stdout is not None
    try:
        yield (line.rstrip("\n") for line in running.stdout)
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


@pytest.fixture
def hub(small_network: Published) -> Iterator[Served]:
    small_network.publish("need", need("Gone"), id="n0")
    small_network.publish("need", need("First"), id="n1")
    small_network.withdraw("need", id="n0")
    with served(small_network) as server:
        yield server


def test_every_block_of_code_on_the_page_is_run_here_but_for_one_that_says_so() -> None:
    page = text("docs/subscribing.md")
    assert {found["tool"] for found in RUN.finditer(page)} == {"curl", "python", "nats-py"}
    assert len(re.findall(r"^```\w+$", page, re.MULTILINE)) == len(RUN.findall(page)) + page.count("<!-- not run:")


def test_the_page_says_the_limits_that_the_code_has() -> None:
    page, limits = text("docs/subscribing.md"), LiveLimits()
    assert f"{limits.readers:,} readers, {limits.per_address} from one address" in page
    assert f"takes nothing for {PATIENCE_SECONDS:.0f} seconds" in page
    assert f"retry: {RETRY_MILLISECONDS}\n" in page


def test_curl_gets_the_records_and_then_what_is_new(hub: Served, small_network: Published) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: apt install curl")
    with lines_of("bash", "-c", "exec " + code("curl"), HUB=hub.address) as lines:
        events = (line for line in lines if line.startswith("event: "))
        assert [next(events), next(events)] == ["event: liaison.need.published", "event: live"]
        small_network.publish("need", need("First again"), id="n1", action="revised")
        assert next(events) == "event: liaison.need.revised"


def test_the_ten_lines_of_python_miss_nothing_when_the_hub_goes_away(
    hub: Served, small_network: Published, tmp_path: Path
) -> None:
    (tmp_path / "follow.py").write_text(code("python"))
    with lines_of(sys.executable, str(tmp_path / "follow.py"), hub.address) as lines:
        said = (json.loads(line) for line in lines)
        assert next(said)["subject"] == "need/xa-centre/n1"
        assert next(said)["after"] == small_network.tail.size - 1
        expected = []
        for number in range(2):
            hub.stop()
            expected.append(small_network.publish("need", need("While away"), id=f"away-{number}"))
            hub.start()
            expected.append(small_network.publish("need", need("Back"), id=f"back-{number}"))
        # How often it says `live` depends on how soon it comes back; the events do not.
        got = list(islice((each["index"] for each in said if "index" in each), 4))
    assert got == expected
    loop = code("python").partition("while True:")[2].partition("    except")[0]
    assert len(loop.splitlines()) <= 10


async def test_nats_py_hears_the_public_log_without_credentials_and_notices_a_gap(
    small_network: Published, tmp_path: Path
) -> None:
    index = small_network.publish("need", need("First"), id="n1")
    token = small_network.logged()[-1]
    (tmp_path / "follow.py").write_text(code("nats-py"))
    async with running_bus(tmp_path, "un-a") as network:
        bus = await network.hub()
        with lines_of(sys.executable, str(tmp_path / "follow.py"), network.url) as lines:
            assert next(lines) == "listening"
            for at, before in ((index, -1), (index + 1, index), (index + 9, index + 5)):
                await bus.publish("log.green.need.xa-centre", b"{}")  # not for the public
                await bus.publish("log.clear.need.xa-centre", cloudevent(token, at, before, None))
            got = [next(lines) for _ in range(3)]
    said = "liaison.need.published need/xa-centre/n1 "
    assert got == [f"{index} {said}", f"{index + 1} {said}", f"{index + 9} {said}after a gap"]
