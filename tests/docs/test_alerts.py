"""deploy/alerts.yml asks for metrics that there are, and fires when it should, by Prometheus' own tool."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hub.metrics import METRICS as OF_HUB
from node.alarms import Name
from node.metrics import METRICS as OF_NODE
from node.progress import Alarm
from tests.docs.project import ROOT, text

RULES = ROOT / "deploy" / "alerts.yml"
# What is shown to the rules, minute by minute, and which of them must fire at which minute.
CASES = """
rule_files: [alerts.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'liaison_node_alarm{alarm="split-view",instance="n"}', values: '0 0 1 1 0x30'}
      - {series: 'liaison_node_alarm{alarm="late",instance="n"}', values: '0x40'}
      - {series: 'liaison_node_outbox_oldest_seconds{instance="n"}', values: '0+240x40'}
      - {series: 'liaison_hub_log_entries{instance="h"}', values: '9x20 10x20'}
      - {series: 'liaison_hub_checkpoint_entries{instance="h"}', values: '9x40'}
      - {series: 'liaison_hub_checkpoint_age_seconds{instance="h"}', values: '900+60x40'}
      - {series: 'liaison_hub_nodes{state="silent",instance="h"}', values: '0 2x40'}
      - {series: 'liaison_hub_nodes{state="live",instance="h"}', values: '3x40'}
      - {series: 'liaison_hub_subscription_failing_seconds{instance="h"}', values: '0x5 3000+300x35'}
      - {series: 'liaison_hub_refused_total{reason="unknown-key",instance="h"}', values: '0x10 200x30'}
      - {series: 'liaison_hub_following{state="refused",instance="r"}', values: '0 0 1x38'}
      - {series: 'liaison_hub_following{state="away",instance="r"}', values: '1 1 0x38'}
      - {series: 'liaison_hub_bus_up{instance="h"}', values: '1x5 0x35'}
      - {series: 'liaison_hub_intake_age_seconds{instance="h"}', values: '1x5 120+60x35'}
      - {series: 'liaison_hub_node_clock_skew_seconds{node="xa",instance="h"}', values: '-500x40'}
      - {series: 'liaison_hub_node_missing_events{node="xa",instance="h"}', values: '0x5 3x35'}
      - {series: 'liaison_hub_node_refused_total{node="xa",reason="malformed",instance="h"}', values: '0x10 50x30'}
      - {series: 'liaison_hub_live_readers{instance="h"}', values: '1400x40'}
      - {series: 'liaison_hub_log_ins_total{outcome="wrong password",instance="h"}', values: '0x10 100x30'}
      - {series: 'liaison_hub_build_info{version="1",instance="h"}', values: '1x10 stale'}
      - {series: 'liaison_node_build_info{version="1",instance="n"}', values: '1x10 stale'}
      - {series: 'liaison_node_build_info{version="2",instance="n"}', values: '_x10 1x30'}
    alert_rule_test:
      - {eval_time: 14m, alertname: LiaisonNotAnswering, exp_alerts: []}
      - eval_time: 20m
        alertname: LiaisonNotAnswering
        exp_alerts:
          - exp_labels: {severity: critical, instance: h}
            exp_annotations:
              summary: "h has told nothing for five minutes: the service, or the way to it, is down."
              action: "See whether it runs, and its log; liaison-hub doctor DIR, or liaison-node doctor DIR."
      - {eval_time: 1m, alertname: LiaisonAlarm, exp_alerts: []}
      - eval_time: 3m
        alertname: LiaisonAlarm
        exp_alerts:
          - exp_labels: {severity: critical, alarm: split-view, instance: n}
            exp_annotations:
              summary: "The alarm split-view stands at n."
              action: "liaison-node alarms DIR shows the evidence and what to do."
      - {eval_time: 5m, alertname: LiaisonAlarm, exp_alerts: []}
      - {eval_time: 20m, alertname: LiaisonOutboxOld, exp_alerts: []}
      - eval_time: 30m
        alertname: LiaisonOutboxOld
        exp_alerts:
          - exp_labels: {severity: warning, instance: n}
            exp_annotations:
              summary: "An event of n has waited for more than an hour to be proven logged."
              action: "liaison-node status DIR says what it waits for."
      - {eval_time: 19m, alertname: LiaisonCheckpointOld, exp_alerts: []}
      - eval_time: 30m
        alertname: LiaisonCheckpointOld
        exp_alerts:
          - exp_labels: {severity: critical, instance: h}
            exp_annotations:
              summary: "No quorum has cosigned what h logs, for more than ten minutes."
              action: "liaison-hub nodes DIR: too few nodes cosign. Nothing is delivered meanwhile, and nothing lost."
      - {eval_time: 10m, alertname: LiaisonNodesSilent, exp_alerts: []}
      - eval_time: 20m
        alertname: LiaisonNodesSilent
        exp_alerts:
          - exp_labels: {severity: warning, state: silent, instance: h}
            exp_annotations:
              summary: "2 nodes are silent at h."
              action: "liaison-hub nodes DIR names them, with the reason."
      - {eval_time: 9m, alertname: LiaisonRefusals, exp_alerts: []}
      - eval_time: 15m
        alertname: LiaisonRefusals
        exp_alerts:
          - exp_labels: {severity: warning, reason: unknown-key, instance: h}
            exp_annotations:
              summary: "More than 100 messages were refused in 15 minutes at h: unknown-key."
              action: "liaison-hub quarantine list DIR; the reasons are in docs/reasons.md."
      - {eval_time: 20m, alertname: LiaisonSubscriptionFailing, exp_alerts: []}
      - eval_time: 35m
        alertname: LiaisonSubscriptionFailing
        exp_alerts:
          - exp_labels: {severity: warning, instance: h}
            exp_annotations:
              summary: "A webhook or mail of h has failed for more than an hour."
              action: "The page /sync shows which one, and its last error. After five days it is paused."
      - {eval_time: 30m, alertname: LiaisonSplitViewReported, exp_alerts: []}
      - {eval_time: 1m, alertname: LiaisonFollowedHubRefused, exp_alerts: []}
      - eval_time: 3m
        alertname: LiaisonFollowedHubRefused
        exp_alerts:
          - exp_labels: {severity: critical, state: refused, instance: r}
            exp_annotations:
              summary: "What the hub that r follows showed cannot be true; nothing is taken of it."
              action: "The evidence is in DIR/evidence; see docs/operations.md, a regional hub."
      - {eval_time: 10m, alertname: LiaisonFollowedHubAway, exp_alerts: []}
      - {eval_time: 5m, alertname: LiaisonHubBlind, exp_alerts: []}
      - eval_time: 12m
        alertname: LiaisonHubBlind
        exp_alerts:
          - exp_labels: {severity: critical, instance: h}
            exp_annotations:
              summary: "The hub h does not see: it has no bus, or its intake has stopped."
              action: "Look at the hub's log and at nats-server. The nodes keep what they say."
      - eval_time: 20m
        alertname: LiaisonClockSkew
        exp_alerts:
          - exp_labels: {severity: warning, node: xa, instance: h}
            exp_annotations:
              summary: "The clock of xa is -500 seconds off the clock of h."
              action: "Ask its administrator to set the clock; nothing is refused for it."
      - eval_time: 30m
        alertname: LiaisonEventsMissing
        exp_alerts:
          - exp_labels: {severity: warning, node: xa, instance: h}
            exp_annotations:
              summary: "3 events that xa announced have been missing at h for 15 minutes."
              action: "/sync/xa shows their numbers, and asks for them."
      - eval_time: 15m
        alertname: LiaisonNodeRefusals
        exp_alerts:
          - exp_labels: {severity: warning, node: xa, reason: malformed, instance: h}
            exp_annotations:
              summary: "More than 20 messages of xa were refused in 15 minutes at h: malformed."
              action: "/sync/xa shows them; the reasons are in docs/reasons.md."
      - eval_time: 20m
        alertname: LiaisonStreamsNearlyAll
        exp_alerts:
          - exp_labels: {severity: warning, instance: h}
            exp_annotations:
              summary: "1400 readers follow live events at h; 1500 can, unless the settings say otherwise."
              action: "See who does, in the log of the proxy before it."
      - eval_time: 15m
        alertname: LiaisonPasswordsTried
        exp_alerts:
          - exp_labels: {severity: warning, instance: h}
            exp_annotations:
              summary: "More than 50 attempts to log in have failed in 15 minutes at h."
              action: "/sync/acts, or liaison-hub account log-ins DIR, tells where from."
"""


def test_the_rules_ask_for_metrics_that_there_are() -> None:
    asked = set(re.findall(r"\bliaison_\w+", text("deploy/alerts.yml")))
    assert asked <= {*OF_NODE, *OF_HUB}
    alarms = set(re.findall(r'alarm!?="([^"]+)"', text("deploy/alerts.yml")))
    assert alarms <= {*map(str, Name), *map(str, Alarm)}


def test_metrics_have_one_prefix_base_units_and_few_labels() -> None:
    for name, meaning in {**OF_NODE, **OF_HUB}.items():
        assert re.fullmatch(r"liaison_(node|hub)_[a-z_]+", name)
        assert name.endswith("_total") == (meaning.kind == "counter")
        assert len(meaning.labels) <= 2
        assert len(meaning.labels) < 2 or meaning.labels[0] in {"node", "act"}, "of few values both"
    assert not re.search(r"_(minutes|hours|millis\w*|ms|kb)\b", " ".join({**OF_NODE, **OF_HUB}))


def test_every_metric_is_documented() -> None:
    page = text("docs/operations.md")
    assert [name for name in {**OF_NODE, **OF_HUB} if f"`{name}" not in page] == []


def test_every_alert_is_documented() -> None:
    page = text("docs/operations.md")
    assert [name for name in re.findall(r"alert: (\w+)", text("deploy/alerts.yml")) if f"`{name}`" not in page] == []


def test_prometheus_takes_the_rules_and_they_fire_when_they_should(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: apt install prometheus")
    (tmp_path / "alerts.yml").write_bytes(RULES.read_bytes())
    (tmp_path / "cases.yml").write_text(CASES)
    for words in (["check", "rules", "alerts.yml"], ["test", "rules", "cases.yml"]):
        ended = subprocess.run(
            ["promtool", *words], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
