"""deploy/grafana-hub.json shows metrics that there are, each panel in its own place."""

import json
import re
from typing import Any

from hub.metrics import METRICS
from tests.docs.project import text


def panels() -> list[dict[str, Any]]:
    return list(json.loads(text("deploy/grafana-hub.json"))["panels"])


def test_every_panel_asks_for_metrics_and_labels_that_there_are() -> None:
    for panel in panels():
        [target] = panel["targets"]
        names = re.findall(r"liaison_hub_\w+", target["expr"])
        assert names, panel["title"]
        assert set(names) <= set(METRICS), panel["title"]
        labels = {label for name in names for label in METRICS[name].labels} | {"instance", "__name__"}
        assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= labels, panel["title"]


def test_no_two_panels_lie_on_each_other() -> None:
    places = [tuple(panel["gridPos"].values()) for panel in panels()]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in panels()})
