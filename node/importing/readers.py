"""Which records of a file cannot be encrypted to those whom they name: they are bad rows, and hold up no others."""

from collections.abc import Mapping

from node.directory import Known
from node.importing.build import Candidate
from node.importing.difference import Difference
from node.importing.history import Put
from node.importing.mapping import Mapping as FileMapping
from node.importing.rows import BadRow, shorten
from node.refusal import Refusal
from node.release import check_release
from schemas.entry import Entry


class Readers:
    """The members of the network, as far as this node has read who they are and what their keys are."""

    def __init__(self, mapping: FileMapping, own: str, members: Mapping[str, Known]) -> None:
        self._mapping = mapping
        self._own = own
        self._members = members

    def unread(self, asked: Candidate | Put) -> BadRow | None:
        """Give why a record cannot go to whom it names; None also before anything was read of the registry."""
        if self._own not in self._members:
            return None  # a mapping is tried before one joins; to publish by it is refused then
        try:
            check_release(
                Entry(asked.kind, asked.id, asked.marking, asked.record, asked.recipients), self._own, self._members
            )
        except Refusal as refused:
            column = "recipients" if self._mapping.whole else self._mapping.column_of("recipients")
            named = shorten(" ".join(asked.recipients))
            return BadRow(asked.rows[0], column, named, str(refused), asked.key, asked.id)
        return None

    def set_aside(self, found: Difference) -> Difference:
        """Make bad rows of what would be published and cannot be read by whom it names; gives it back."""
        bad = {each.id: why for each in found.to_put() if (why := self.unread(each)) is not None}
        found.new = [each for each in found.new if each.id not in bad]
        found.changed = [each for each in found.changed if each.candidate.id not in bad]
        found.bad = sorted([*found.bad, *bad.values()], key=lambda each: each.row)
        return found
