"""What the hub must remember to judge the next event: the log's size, the registry and every organization's chain."""

from dataclasses import dataclass, field

from hub.tree import Tree
from wire.registry import Registry
from wire.seal import Place
from wire.verdict import Chain


@dataclass(slots=True)
class Speaker:
    """One organization's chain as the log has it; `number` stands for the organization in the tables."""

    number: int
    organization: str
    sequence: int
    head: bytes
    forked: bool = False
    last_index: int = -1
    seen: int = -1

    @property
    def chain(self) -> Chain:
        """The chain in the form that the verdict takes."""
        return Chain(self.sequence, self.head, self.forked, self.seen)


@dataclass(slots=True)
class LogState:
    """Derived from the log and nothing else; loaded at start, advanced with each entry."""

    network: str
    size: int = 0
    registry: Registry = field(default_factory=Registry)
    speakers: dict[str, Speaker] = field(default_factory=dict)
    last_on_subject: dict[tuple[int, str, str], int] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)

    def begin_chain(self, organization: str, head: bytes) -> Speaker:
        """Give a newly admitted organization its number and its empty chain."""
        speaker = Speaker(len(self.speakers), organization, 0, head)
        self.speakers[organization] = speaker
        return speaker

    def next_place(self, organization: str) -> Place:
        """Where the next statement of the hub or the registry stands."""
        speaker = self.speakers[organization]
        return Place(self.network, organization, speaker.sequence + 1, speaker.head)
