"""DIR/witness.json: the largest tree that this node has cosigned, kept outside the database, which may be restored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from node.store.log import Tree
from wire.checkpoint import open_checkpoint
from wire.durable_file import replace_durably
from wire.next_log import origin_of
from wire.notes import BadNote, VerifierKey
from wire.trust import Trust

WITNESS_FILE = "witness.json"


class BadWitnessFile(ValueError):
    """The file cannot be used, and nothing is cosigned without it; the message says what to do."""


class NewerWitnessFile(BadWitnessFile):
    """The file is about a next log that the database does not know of: the database is an older one."""


@dataclass(frozen=True)
class WitnessFile:
    """The file of one node. Trusted for not cosigning two histories; whoever can remove it can undo that.

    `lost` are logs in whose place the one of `trust` is: what was cosigned of them says nothing about this one.
    """

    directory: Path
    trust: Trust
    lost: Sequence[VerifierKey] = ()

    def read(self) -> Tree | None:
        """Give what was cosigned, None if nothing was; BadWitnessFile if that cannot be told."""
        path = self.directory / WITNESS_FILE
        try:
            document: Any = orjson.loads(path.read_bytes())
            note = document["note"].encode()
            origin = origin_of(note)
            if origin in {log.name for log in self.lost}:
                return None
            if origin != self.trust.origin and origin.startswith(f"{self.trust.first_log.name}/"):
                raise NewerWitnessFile(
                    f"{path} is about the log {origin}, and the database about {self.trust.origin}: it is an older one"
                )
            checkpoint = open_checkpoint(note, self.trust.log_verifier).checkpoint
            tree = Tree(checkpoint.size, checkpoint.root, note, str(document["at"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadWitnessFile(f"{path} cannot be read: {error.strerror}") from None
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, UnicodeEncodeError, BadNote) as error:
            raise BadWitnessFile(
                f"{path} is damaged ({error}): it says what this node has cosigned. Restore it from the newest backup"
            ) from None
        if document.get("size") != tree.size:
            raise BadWitnessFile(f"{path} says {document.get('size')!r}, and its note {tree.size}: it was changed")
        return tree

    def write(self, tree: Tree) -> None:
        """Keep a tree; it is on the disk when this returns."""
        document = {"at": tree.at, "note": tree.note.decode(), "size": tree.size}
        content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        replace_durably(self.directory / WITNESS_FILE, content + b"\n")
