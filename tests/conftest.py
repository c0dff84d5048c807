"""What all tests share: hypothesis profiles, and at the end a word on what was skipped and how to get it."""

import gc
import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest
import structlog
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from starlette.testclient import TestClient

from hub.performance import settle_garbage_collection
from tests.compiled import keep_compiled
from tests.ports import keep_to_own_ports
from tests.postgres import postgres_server, postgres_url  # noqa: F401 - fixtures for all tests

# Two shared cores: a deadline would judge the machine, not the code.
settings.register_profile("fast", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", parent=settings.get_profile("fast"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

keep_compiled()
keep_to_own_ports()
NOTHING_MAY_BE_MISSING = os.environ.get("LIAISON_CI") == "1"


@pytest.fixture(autouse=True)
def logging_begins_anew() -> Iterator[None]:
    """A command that ran in this process has pointed logging at a stream that ends with its test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session", autouse=True)
def one_loop_for_requests() -> Iterator[None]:
    """Applications asked by a test client answer on one loop, rather than on a thread and a loop for each request."""
    with start_blocking_portal() as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None


def pytest_sessionstart() -> None:
    """What imports and collection make stays: nothing of it is worth a search."""
    gc.disable()
    # A shell starts what runs in the background deaf to Ctrl-C, and so would be the commands that tests end by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """It stays until the end; searched again and again, and as often as by default, it costs a fourth of all."""
    settle_garbage_collection()
    gc.enable()


def pytest_unconfigure() -> None:
    """What pytest searches five times at the end, for errors that garbage has hidden, is searched once."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tested; every reason of a skip says what to do about it."""
    reasons = Counter(_reason(report) for report in terminalreporter.getreports("skipped"))
    if not reasons:
        return
    terminalreporter.section("not tested here")
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"{number:>5} × {reason}")
    if NOTHING_MAY_BE_MISSING:
        terminalreporter.write_line("LIAISON_CI=1: a part that is missing is an error.", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In continuous integration a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if NOTHING_MAY_BE_MISSING and exitstatus == pytest.ExitCode.OK and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    what = report.longrepr
    return str(what[2] if isinstance(what, tuple) else what).removeprefix("Skipped: ")
