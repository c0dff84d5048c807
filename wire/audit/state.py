"""What an audit leaves for the next one, so that it need not begin at entry 0: one file, the auditor's own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from wire import jws
from wire.audit.bodies import Bodies
from wire.audit.chains import Chains
from wire.audit.digest import ViewFold
from wire.audit.orders import Orders
from wire.audit.registry import BadAction, RegistryFold, Step
from wire.audit.tree import GrownTree
from wire.encoding import b64url, from_b64url
from wire.examine import Message, examine
from wire.trust import Trust
from wire.verdict import Chain
from wire.whole_file import check_writable, write_whole

VERSION: Final = 3


class BadState(Exception):
    """A state file that cannot be used; the message says why."""


@dataclass
class Folds:
    """All that is folded from the log, together: what a state file holds."""

    registry: RegistryFold
    tree: GrownTree
    chains: Chains
    bodies: Bodies
    orders: Orders
    view: ViewFold


def save(path: Path, trust: Trust, folds: Folds) -> None:
    """Write the file whole or not at all."""
    document = {
        "version": VERSION,
        "trust": b64url(trust.digest),
        "log": trust.origin,
        "tree": folds.tree.save(),
        "registry": [[step.index, step.token.decode(), b64url(step.body)] for step in folds.registry.path],
        "chains": {name: [c.sequence, b64url(c.head), c.forked, c.seen] for name, c in folds.chains.ends.items()},
        "bodies": folds.bodies.save(),
        "orders": folds.orders.save(),
        "view": folds.view.save(),
    }
    write_whole(path, orjson.dumps(document), durable=True)


def check_place(path: Path) -> None:
    """Find out before the work whether its result can be kept; BadState if not."""
    try:
        check_writable(path)
    except OSError as error:
        raise BadState(f"{path} cannot be written: {error.strerror or error}") from None
    if path.is_dir():
        raise BadState(f"{path} is a directory; name a file in it")


def restore(path: Path, trust: Trust, folds: Folds) -> None:
    """Take up what an earlier audit left; BadState for a file of another network, version or form."""
    try:
        document: dict[str, Any] = orjson.loads(path.read_bytes())
        if document["version"] != VERSION or document["trust"] != b64url(trust.digest):
            raise BadState(f"{path} is the state of another network or version; use another file, or remove it")
        if document["log"] != trust.origin:
            raise BadState(
                f"{path} is the state of the log {document['log']!r}, and this is {trust.origin!r}: keep it with the "
                "mirror of that log, and use another file for this one"
            )
        folds.tree.restore(document["tree"])
        for index, token, body in document["registry"]:
            _step(folds.registry, Step(int(index), str(token).encode(), from_b64url(body)))
        folds.chains.ends = {
            str(name): Chain(int(sequence), from_b64url(head, size=32), bool(forked), int(seen))
            for name, (sequence, head, forked, seen) in document["chains"].items()
        }
        folds.bodies.restore(document["bodies"])
        folds.orders.restore(document["orders"])
        folds.view.restore(document["view"])
    except (OSError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, BadAction) as error:
        raise BadState(f"{path} cannot be used ({error}); remove it, and the audit begins anew") from None


def _step(fold: RegistryFold, step: Step) -> None:
    """Apply a statement on the registry's path again; the roots' signatures are verified again too."""
    organization, kind = _speaker(step.token), "control"
    examined = examine(Message(organization, kind, step.token, step.body), fold.trust.network, {})
    if examined.said is None or examined.refusal is not None:
        raise BadAction("a statement on the registry's path has no possible form")
    if organization == "registry":
        fold.act(step, examined.said, examined.hash)
    elif examined.rotation is not None:
        fold.rotate(step, examined.rotation)


def _speaker(token: bytes) -> str:
    source = orjson.loads(jws.take_apart(token, jws.EVENT).payload)["source"]
    return str(source).rpartition("/")[2]
