"""Tests of hub/streaming/file_limit.py: the process may open what it needs, and promises no more than it has."""

import resource
from collections.abc import Iterator

import pytest

from hub.streaming.file_limit import raise_file_limit, readers_possible


@pytest.fixture
def low_limit() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_limit_is_raised_as_far_as_wanted_and_allowed(low_limit: None) -> None:
    assert raise_file_limit(1024) == 1024
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 1024
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert raise_file_limit(10**9) == (10**9 if hard == resource.RLIM_INFINITY else hard)


def test_no_more_readers_are_let_in_than_there_are_files_for() -> None:
    assert readers_possible(1500, 65_536) == 1500
    assert readers_possible(1500, 1024) == 724
    assert readers_possible(1500, 100) == 1
