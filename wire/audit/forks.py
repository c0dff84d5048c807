"""Forks: the hub's evidence is judged again, so that it cannot silence an organization by saying that it forked."""

from collections.abc import Mapping
from typing import Any

import orjson

from wire import jws
from wire.audit.chains import Chains
from wire.audit.entries import Entry
from wire.audit.report import Report
from wire.examine import Examined, Message, examine
from wire.registry import Registry
from wire.trust import Trust
from wire.verdict import Chain

FOUND = "liaison.fork.found"


def judge_fork(entry: Entry, chains: Chains, registry: Registry, trust: Trust, report: Report) -> None:
    """Judge a `liaison.fork.found`: its tokens must be signed by the organization, and must not fit into one chain."""
    report.done["forks"] += 1
    fault, organization = fork_fault(entry.body, chains.ends, registry, trust.network)
    if fault is not None:
        report.findings.add(
            "false-fork", fault, "two statements signed by the organization that cannot both stand in its chain",
            index=entry.index, organization=organization, token=entry.token.decode(),
        )  # fmt: skip
    elif organization is not None:
        chains.freeze(organization)


def fork_fault(
    body: bytes | None, chains: Mapping[str, Chain], registry: Registry, network: str
) -> tuple[str | None, str | None]:
    """Judge the body of a `liaison.fork.found`: what is wrong with it, None if nothing is, and whom it is about."""
    try:
        members: dict[str, Any] = orjson.loads(body or b"")
        organization, tokens = members["organization"], members["tokens"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "a body without organization and tokens", None
    if not isinstance(organization, str) or not isinstance(tokens, list) or not 1 <= len(tokens) <= 2:
        return "a body without organization and tokens", None
    member = registry.members.get(organization)
    if member is None:
        return f"{organization[:60]!r}, which is not in the registry", None
    read = [_examined(organization, token, registry, network) for token in tokens]
    for each in read:
        if each is None or each.said is None or each.refusal is not None or each.said.organization != organization:
            return "a token that is no statement of the organization", organization
        if member.period(each.kid) is None or each.signature is not True:
            return "a token that the organization's keys did not sign", organization
    return _fits(read[-1], read[0], chains[organization], registry.ends.get(organization)), organization


def _fits(
    offered: Examined | None, other: Examined | None, chain: Chain, former: tuple[int, bytes] | None
) -> str | None:
    """Say why what is offered is no second statement; `former` is where the chain ended in a log before this one."""
    assert offered is not None, "it was examined"  # noqa: S101
    assert other is not None, "it was examined"  # noqa: S101
    said = offered.said
    assert said is not None, "it says something"  # noqa: S101
    if offered.hash in (chain.head, other.hash) and offered is not other:
        return "the same statement twice"
    if former is not None and former[1] and said.sequence == former[0] and offered.hash != former[1]:
        return None  # the place is taken in the log before this one
    if said.sequence == chain.sequence + 1 and said.previous == chain.head:
        return "a statement that is simply the next of its chain"
    if said.sequence > chain.sequence + 1:
        return "a statement that came early, not a second one for a place that is taken"
    return None


def _examined(organization: str, token: object, registry: Registry, network: str) -> Examined | None:
    if not isinstance(token, str) or not token.isascii():
        return None
    try:
        payload = jws.take_apart(token.encode(), jws.EVENT).payload
        kind = str(orjson.loads(payload)["subject"]).split("/")[0]
    except (jws.Malformed, orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return examine(Message(organization, kind, token.encode(), None), network, registry.keys)
