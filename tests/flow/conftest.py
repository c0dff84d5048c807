"""Networks that tests of this folder share: made once, copied for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.linked import make_network
from tests.flow.watched import Watched


@pytest.fixture(scope="session")
def linked_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub and three nodes, admitted."""
    place = tmp_path_factory.mktemp("linked") / "template"
    make_network(place)
    return place


@pytest.fixture(scope="session")
def watched_template(linked_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after everybody has said something, and all have cosigned it."""
    place = tmp_path_factory.mktemp("watched") / "template"
    Watched(linked_template, place).close()
    return place


@pytest.fixture
def watched(watched_template: Path, tmp_path: Path) -> Iterator[Watched]:
    """Three nodes that have cosigned the log of a hub, which was honest until now."""
    network = Watched(watched_template, tmp_path / "run")
    yield network
    network.close()
