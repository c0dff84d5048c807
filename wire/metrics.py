"""Metrics for Prometheus, in the form and under the rule that node and hub share: programs on this machine only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Final, Literal, NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
# A proxy on this machine speaks for clients elsewhere. What it says of them is not believed; it is not answered.
FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_KINDS = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}


class Meaning(NamedTuple):
    """What a metric tells, in base units; `labels` are few, and each has few values."""

    kind: Literal["gauge", "counter"]
    text: str
    labels: tuple[str, ...] = ()


Samples = Sequence[tuple[tuple[str, ...], float]]  # the values of the labels, and the metric's


def may_read(peer: str | None, headers: Iterable[str]) -> bool:
    """Whether a request comes from this machine: `peer` is the address of its socket, `headers` their names."""
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback and not {name.lower() for name in headers} & set(FORWARDED)


def write_metrics(meanings: Mapping[str, Meaning], found: Mapping[str, Samples]) -> bytes:
    """Write the text format: those of `meanings` that were found, in their order."""
    return generate_latest(_Found(meanings, found))


class _Found(Collector):
    def __init__(self, meanings: Mapping[str, Meaning], found: Mapping[str, Samples]) -> None:
        self._meanings = meanings
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Give one family for each metric."""
        for name, meaning in self._meanings.items():
            if name not in self._found:
                continue
            family = _KINDS[meaning.kind](name, meaning.text, labels=meaning.labels)
            for labels, value in self._found[name]:
                family.add_metric(labels, value)
            yield family
