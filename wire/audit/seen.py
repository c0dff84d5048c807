"""What organizations say that they have seen of the log: a root that it never had is evidence of a second history."""

from wire.audit.entries import Entry
from wire.audit.report import Report
from wire.audit.tree import GrownTree
from wire.encoding import b64url
from wire.log_source import PartMissing


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
