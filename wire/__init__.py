"""How events are sealed, carried and checked: keys, seals, verdicts, registry, receipts and the bus.

Owns the bytes and the judgement. It does not know what an organization edits (node), nor what the
network's view looks like (hub); it reads records only through `schemas`.
"""
