"""Each organization's chain, entry by entry: the verdict that the hub gave is given again at the same index."""

from wire.audit.entries import Entry
from wire.audit.report import Findings
from wire.encoding import b64url
from wire.registry import REGISTRY, Registry
from wire.verdict import Accepted, Chain, Duplicate, Early, judge


class Chains:
    """Where each chain ends. What is wrong is noted once, and the chain goes on from what the log has."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.ends: dict[str, Chain] = {}

    def begin(self, organization: str, previous: bytes) -> None:
        """Begin a chain, once: `previous` is what its first statement must name."""
        self.ends.setdefault(organization, Chain(0, previous))

    def take(self, entry: Entry, registry: Registry, *, elsewhere: bool = False) -> Accepted | None:
        """Judge an organization's entry at its index; None if it may not stand there.

        `elsewhere`: what it has seen is a log before this one.
        """
        said = entry.examined.said
        organization = None if said is None else said.organization
        chain = self.ends.get(organization or "")
        logged = chain.head if chain is not None and chain.head == entry.examined.hash else None
        verdict = judge(entry.examined, chain, registry, entry.index, logged, elsewhere=elsewhere)
        if isinstance(verdict, Accepted):
            assert said is not None  # noqa: S101 - judge accepts only what says something
            former = registry.is_former(said.organization, said.sequence)
            seen = -1 if former or elsewhere else said.seen_size
            self.ends[said.organization] = Chain(said.sequence, entry.examined.hash, seen=seen)
            return verdict
        if isinstance(verdict, Duplicate):
            self._findings.add(
                "repeated", f"statement {b64url(entry.examined.hash)} again", "each statement once",
                index=entry.index, organization=organization,
            )  # fmt: skip
        elif isinstance(verdict, Early):
            assert said is not None  # noqa: S101 - only a sequence can be early
            self._gap(entry, said.organization, said.sequence, verdict.expected)
            return self._may_stand_after_gap(entry, registry, elsewhere=elsewhere)
        else:
            refusal = verdict.refusal
            self._findings.add(
                str(refusal.reason), refusal.found, refusal.expected, index=entry.index, organization=organization,
                token=entry.token.decode("ascii", "backslashreplace"),
            )  # fmt: skip
        return None

    def take_registry(self, entry: Entry) -> None:
        """Follow the registry's own chain, whose statements no organization makes."""
        said, chain = entry.examined.said, self.ends[REGISTRY]
        assert said is not None  # noqa: S101 - it said that it is the registry's
        if said.sequence > chain.sequence + 1:
            self._gap(entry, REGISTRY, said.sequence, chain.sequence + 1)
        elif (said.sequence, said.previous) != (chain.sequence + 1, chain.head):
            self._findings.add(
                "forked", f"sequence {said.sequence} after {b64url(said.previous)}",
                f"sequence {chain.sequence + 1} after {b64url(chain.head)}", index=entry.index, organization=REGISTRY,
            )  # fmt: skip
            return
        self.ends[REGISTRY] = Chain(said.sequence, entry.examined.hash)

    def go_on(self, organization: str, end: tuple[int, bytes]) -> None:
        """Begin a chain behind what a log before this one had of it."""
        self.ends[organization] = Chain(*end)

    def freeze(self, organization: str) -> None:
        """Accept nothing more after a fork until it is resolved."""
        chain = self.ends.get(organization)
        if chain is not None:
            self.ends[organization] = chain._replace(forked=True)

    def resolve(self, organization: str) -> None:
        """The roots replaced the key: the logged branch goes on."""
        chain = self.ends.get(organization)
        if chain is not None:
            self.ends[organization] = chain._replace(forked=False)

    def _gap(self, entry: Entry, organization: str, sequence: int, expected: int) -> None:
        missing = f"{expected}" if sequence == expected + 1 else f"{expected} to {sequence - 1}"
        self._findings.add(
            "gap", f"sequence {sequence}", f"sequence {expected}; {missing} is not in the log before it",
            index=entry.index, organization=organization, token=entry.token.decode(),
        )  # fmt: skip

    def _may_stand_after_gap(self, entry: Entry, registry: Registry, *, elsewhere: bool) -> Accepted | None:
        """Judge what follows a gap as if nothing were missing, so that one hole is not a thousand findings."""
        said = entry.examined.said
        assert said is not None  # noqa: S101 - see take
        seen = self.ends[said.organization].seen
        self.ends[said.organization] = Chain(said.sequence - 1, said.previous, seen=seen)
        return self.take(entry, registry, elsewhere=elsewhere)
