"""Garbage collection tuned for batches: what is made at start stays, and the many short-lived rows are not searched."""

import gc

THRESHOLDS = (300_000, 50, 50)  # several batches of the intake between two searches


def settle_garbage_collection() -> None:
    """Call once, after everything that stays has been made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
