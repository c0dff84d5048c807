"""What organizations say that they have seen of the log: a root that it never had is evidence of a second history."""

from wire.audit.chains import Chains
from wire.audit.entries import Entry
from wire.audit.report import Report
from wire.audit.tree import GrownTree
from wire.encoding import b64url
from wire.examine import Said
from wire.log_source import PartMissing
from wire.registry import Registry
from wire.verdict import may_name_former


def names_former(entry: Entry, said: Said, chains: Chains, registry: Registry, tree: GrownTree) -> bool:
    """Whether what an entry's author has seen is no tree of this log, and may be one of a log before it."""
    if entry.seen is None or not may_name_former(said, chains.ends.get(said.organization), registry):
        return False
    size, root = entry.seen
    try:
        return size > tree.size or tree.root_at(size) != root
    except PartMissing:
        return False  # that is found where it is compared


def check_seen(entry: Entry, organization: str, tree: GrownTree, report: Report) -> None:
    """Compare the root that an entry's author saw with the log's own at that size, which is at most the entry's index.

    That `seen` stays and never decreases is part of the verdict on the entry.
    """
    if entry.seen is None:
        return
    size, root = entry.seen
    try:
        expected = tree.root_at(size)
    except PartMissing as error:
        report.findings.add("tile-mismatch", str(error), "the leaf hashes of its entries", index=entry.index)
        return
    report.done["seen"] += 1
    if root != expected:
        report.findings.add(
            "split-view", f"root {b64url(root)} at {size} entries", f"{b64url(expected)}, this log's root there",
            index=entry.index, organization=organization, token=entry.token.decode(), size=size, root=b64url(expected),
        )  # fmt: skip
