"""The only part of the node that knows SQL. Trusted for the node's own words; whoever can modify it can lose them."""

from node.store.access import Access
from node.store.alarms import Raised
from node.store.batches import Batch, Batches
from node.store.drafts import Draft, Drafts
from node.store.erasing import Erasing, Ordered, Orders
from node.store.grid import Grid
from node.store.keys import InUse
from node.store.letters import Letter, LetterCopies, Letters
from node.store.log import LogStore, Mine, Position, Seen, Tree
from node.store.members import Members
from node.store.needs import Needs
from node.store.opening import create_store, open_store, open_unchanged
from node.store.outbox import Judged, Outbox, Promise, Relay, Waiting
from node.store.reading import Page, Reading, Stood
from node.store.writing import Chain, Kept, Pending, Statement, Writing, due_of

__all__ = [
    "Access",
    "Batch",
    "Batches",
    "Chain",
    "Draft",
    "Drafts",
    "Erasing",
    "Grid",
    "InUse",
    "Judged",
    "Kept",
    "Letter",
    "LetterCopies",
    "Letters",
    "LogStore",
    "Members",
    "Mine",
    "Needs",
    "Ordered",
    "Orders",
    "Outbox",
    "Page",
    "Pending",
    "Position",
    "Promise",
    "Raised",
    "Reading",
    "Relay",
    "Seen",
    "Statement",
    "Stood",
    "Tree",
    "Waiting",
    "Writing",
    "create_store",
    "due_of",
    "open_store",
    "open_unchanged",
]
