"""Which keys of this node speak, by thumbprint and since which entry; for command, page and whoever asks."""

from typing import Any

from node.node import Node
from wire.key_sets import key_set


def keys_form(node: Node) -> dict[str, Any]:
    """Give which keys speak, by thumbprint; never the keys.

    `rotated_at` is the statement of the last rotation (None before the first), `index` its entry in the log, once this
    node has read it there.
    """
    in_use, admission = node.reading.in_use(), node.admission()
    committed = in_use.following or (admission.keys.next_key if admission is not None else None)
    place = key_set(node.settings.directory, in_use.key_set)
    rotation = node.reading.history("control", f"rotation-{in_use.rotated_at}") if in_use.rotated_at else []
    return {
        "signing": node.keys.current(in_use).public.thumbprint,
        "next": committed,
        "before": in_use.before,
        "rotated_at": in_use.rotated_at or None,
        "index": next((each.place for each in rotation), None),
        "logged": in_use.rotated_at <= node.outbox.relay().logged,
        "folder": str(place),
    }
