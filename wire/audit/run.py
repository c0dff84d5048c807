"""The audit itself: one reading of the log from front to back, in which everything is checked where it stands."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from schemas.statement import CONTROL
from wire.action_fold import begins_next_log, is_again
from wire.audit import bodies, forks, state
from wire.audit.bodies import Bodies
from wire.audit.chains import Chains
from wire.audit.checkpoints import Checkpoints, claimed, no_quorum, verified
from wire.audit.digest import ViewFold
from wire.audit.earlier import Since, continues
from wire.audit.entries import Entry, Readers, judge_entries, signature_under
from wire.audit.orders import Orders
from wire.audit.registry import BadAction, RegistryFold, Step
from wire.audit.report import CHECKS, Report, Severity
from wire.audit.seen import check_seen, names_former
from wire.audit.state import Folds
from wire.audit.tiles import TileCheck
from wire.audit.tree import GrownTree
from wire.checkpoint import Checkpoint
from wire.encoding import b64url
from wire.erasure import ORDERED
from wire.examine import Said
from wire.log_source import DirectoryLog, LogAway, LogSource, PartMissing
from wire.next_log import log_of
from wire.registry import HUB, REGISTRY
from wire.tiles import WIDTH, BadTile, width_in
from wire.trust import Trust
from wire.view_digest import STATED

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Wish:
    """How to audit: from an earlier checkpoint on, with a state file, with how many workers."""

    since: bytes | None = None
    state: Path | None = None
    workers: int | None = None


class Audit:
    """One audit of one log, in these steps.

    1 the newest checkpoint · 2 the earlier one · 3 every entry · 4 its tiles · 5 the root and the quorum · 6 what is
    left unexplained. Comparing the hub's records (`wire.audit.view`) comes after it.
    """

    def __init__(self, source: LogSource, trust: Trust, wish: Wish, step: Progress) -> None:
        self._source = source
        self._trust = trust
        self._wish = wish
        self._step = step
        self.report = report = Report(source.name, trust.network, copy=isinstance(source, DirectoryLog))
        chains = Chains(report.findings)
        chains.begin(REGISTRY, trust.digest)
        orders, fold, tree = Orders(), RegistryFold(trust), GrownTree(source)
        self.folds = Folds(fold, tree, chains, Bodies(report, orders, self._again), orders, ViewFold(report))
        self._deep_from = 0
        self.whole = False  # whether all entries were read

    def run(self) -> Report:
        """Audit, and give the report, also of an audit that stopped on the way.

        LogError, BadSince or BadState where there is nothing to begin with.
        """
        begun = time.monotonic()
        report = self.report
        if self._wish.state is not None:
            state.check_place(self._wish.state)
        self._trust = log_of(self._source, self._trust)
        self._since = Since(self._wish.since, self._trust, report)
        # 1 the newest checkpoint, first as the log signed it
        note = self._source.checkpoint()
        signed = verified(report, self._trust, note)
        end = signed.checkpoint if signed is not None else claimed(note)
        if end is None:
            if report.copy:
                raise PartMissing(f"{report.source}: its checkpoint is none, and damaged; run liaison mirror again")
            return report
        report.size, report.root = end.size, b64url(end.root)
        try:
            self._prove(note, end)
        except (LogAway, BadTile) as error:
            report.stop(str(error), *CHECKS)
        report.seconds = time.monotonic() - begun
        return report

    def save(self) -> None:
        """Keep what was audited for the next audit, if that was everything and there is no error."""
        if self._wish.state is not None and self.whole and not self.report.findings.has(Severity.ERROR):
            state.save(self._wish.state, self._trust, self.folds)

    def _prove(self, note: bytes, end: Checkpoint) -> None:
        # 2 the earlier one
        if self._begin(end):
            # 3 and 4
            whole = self._read(end)
            # 5
            if whole:
                self._finish(note, end)
            # 6
            self.folds.bodies.end()
            self.whole = whole

    def _begin(self, end: Checkpoint) -> bool:
        """Take up what is known of the log already; whether the log still has it."""
        tree = self.folds.tree
        if self._wish.state is not None and self._wish.state.exists():
            state.restore(self._wish.state, self._trust, self.folds)
            if not continues(tree, end, self._source, self.report):
                return False
        if not self._since.within(end):
            return False
        self._since.reached(tree)
        self._deep_from = self.report.since = max(tree.size, self._since.size)
        return True

    def _read(self, end: Checkpoint) -> bool:
        """Read all entries; whether all were there."""
        tree, registry = self.folds.tree, self.folds.registry.registry
        readers = Readers(self._source, self._trust.network, self._wish.workers)
        tiles = TileCheck(self._source, tree, self.report)
        try:
            self._kept = Checkpoints(self._source, self._trust, self.report, tree.size, end.size)
            for judged in readers.read(tree.size, end.size, registry, self._deep_from):
                for entry in judged:
                    self._take(entry)
                    full = tree.append(entry.leaf)
                    if full is not None:
                        tiles.full(tree.size // WIDTH - 1, full)
                    self._passed_checkpoints()
                self.report.told["entries"] += len(judged)
                self._step(tree.size, end.size)
            tiles.rest(end.size)
        except PartMissing as error:
            self.report.findings.add("part-missing", str(error), f"a log of {end.size} entries", index=tree.size)
            return False
        return True

    def _passed_checkpoints(self) -> None:
        tree = self.folds.tree
        if self._kept.due == tree.size:
            self._kept.passed(tree.root_at(tree.size), self.folds.registry.registry.witnesses(self._trust.network))
        self._since.reached(tree)

    def _take(self, entry: Entry) -> None:
        """Everything about one entry, in the order of the contract's verdicts."""
        folds, report = self.folds, self.report
        said = entry.examined.said
        report.done["statements"] += 1
        if said is not None and entry.examined.refusal is None and said.organization == REGISTRY:
            self._registry(entry, said)
            return
        if folds.registry.registry.held is not None:
            self._refuse_action(entry, "another statement before the registry's own are logged again")
            return
        entry = signature_under(entry, folds.registry.registry)
        report.told["signatures verified"] += entry.deep and entry.examined.signature is not None
        report.done["chains"] += 1
        registry = folds.registry.registry
        elsewhere = said is not None and names_former(entry, said, folds.chains, registry, folds.tree)
        accepted = folds.chains.take(entry, registry, elsewhere=elsewhere)
        if accepted is None or said is None:
            return
        former = registry.is_former(said.organization, said.sequence)
        exclusion = accepted.exclusion or folds.orders.judge(entry, former=former)
        if exclusion is not entry.examined.exclusion:  # what only registry and log know of a rotation or an order
            entry = replace(entry, examined=entry.examined._replace(exclusion=exclusion))
        if accepted.rotation is not None and entry.body is not None:
            folds.registry.rotate(Step(entry.index, entry.token, entry.body), accepted.rotation)
        if elsewhere or former:
            entry = replace(entry, seen=None)  # what it had seen was a log before this one
        check_seen(entry, said.organization, folds.tree, report)
        folds.bodies.take(entry)
        if entry.deep:
            self._kept.bracket(entry)
        if said.kind == CONTROL:
            self._control(entry, said)
        else:
            folds.orders.note(entry)
            folds.view.take(entry)

    def _registry(self, entry: Entry, said: Said) -> None:
        folds, report = self.folds, self.report
        first = begins_next_log(entry.index, said.type)
        if not first:
            folds.chains.take_registry(entry)
        report.done["registry"] += 1
        if entry.body is None:
            self._refuse_action(entry, "no body, or another one than was signed")
            return
        try:
            organization = folds.registry.act(Step(entry.index, entry.token, entry.body), said, entry.examined.hash)
        except BadAction as error:
            self._refuse_action(entry, str(error))
            return
        if first:
            return
        registry = folds.registry.registry
        entry = signature_under(entry, registry)
        report.told["signatures verified"] += entry.deep
        by_hub = folds.registry.signed_by_hub(entry.examined.kid, said, entry.index)
        if entry.examined.signature is not True or not by_hub:
            report.findings.add(
                "bad-signature", f"a registry statement signed with {entry.examined.kid}", "the hub's signature",
                index=entry.index, organization=REGISTRY, token=entry.token.decode(),
            )  # fmt: skip
        self._begin_chains()
        if said.type == "liaison.key.replaced":
            folds.chains.resolve(organization)
        if said.type == ORDERED:
            again = is_again(registry, said.sequence)
            fault = None if again else folds.orders.of_roots(entry)
            if fault is None:
                folds.bodies.erasure(entry, again=again)
            else:
                self._refuse_action(entry, f"an order that names {fault.found}")

    def _begin_chains(self) -> None:
        """Begin those of the organizations; in a next log registry and hub go on behind what the one before had."""
        folds, registry = self.folds, self.folds.registry.registry
        for member in registry.members.values():
            folds.chains.begin(member.organization, member.admitted_by)
        if folds.registry.end == registry.newest:
            folds.chains.go_on(REGISTRY, folds.registry.end)
            if HUB in registry.ends:
                folds.chains.go_on(HUB, registry.ends[HUB])

    def _refuse_action(self, entry: Entry, why: str) -> None:
        self.report.findings.add(
            "registry-refused", why, "an action that enough roots signed for this place",
            index=entry.index, organization=REGISTRY, token=entry.token.decode(),
            body="" if entry.body is None else b64url(entry.body),
        )  # fmt: skip

    def _control(self, entry: Entry, said: Said) -> None:
        folds = self.folds
        if said.type == ORDERED and entry.examined.exclusion is None:
            folds.bodies.erasure(entry)
        elif said.organization != HUB or entry.body is None:
            return
        elif said.type == bodies.EXCLUDED:
            index = folds.bodies.exclusion(entry)
            earlier = None if index is None else self._again(index).examined.said
            if index is not None and earlier is not None and earlier.kind != CONTROL:
                address = f"{earlier.kind}/{earlier.organization}/{earlier.record_id}"
                folds.view.exclude(index, address, entry.index)
        elif said.type == forks.FOUND:
            forks.judge_fork(entry, folds.chains, folds.registry.registry, self._trust, self.report)
        elif said.type == STATED and entry.deep:
            folds.view.check(entry, folds.tree)

    def _again(self, index: int) -> Entry:
        """Read and judge one earlier entry anew."""
        number = index // WIDTH
        # The bundle as it is anyway: a mirror on a web server has it in no other width.
        token = self._source.entries(number, width_in(0, number, self.report.size))[index % WIDTH]
        return judge_entries(self._source, self._trust.network, b"", index, [token], deep=True)[0]

    def _finish(self, note: bytes, end: Checkpoint) -> None:
        """Compare the root, and count the cosignatures under the witnesses that the registry names by now."""
        report, tree = self.report, self.folds.tree
        report.done["tree"] += 1
        if tree.root_at(tree.size) != end.root:
            report.findings.add(
                "root-mismatch", f"entries with root {b64url(tree.root_at(tree.size))}",
                f"{report.root}, which the log signed", note=note.decode(errors="replace"),
            )  # fmt: skip
        registry = self.folds.registry.registry
        if registry.log != self._trust.log_verifier:
            report.findings.add(
                "registry-refused", f"checkpoints of {self._trust.log_verifier}", f"those of {registry.log}, as the "
                "roots decided", note=note.decode(errors="replace"),
            )  # fmt: skip
        witnesses = registry.witnesses(self._trust.network)
        report.quorum = witnesses.quorum
        found = verified(report, self._trust, note, witnesses)
        if found is not None:
            report.cosigners = sorted(found.cosigners)
            if not found.has_quorum:
                no_quorum(report, found)
        if not witnesses.quorum:
            report.findings.add("not-witnessed", "no witnesses in the registry", "organizations that cosign")
