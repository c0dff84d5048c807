"""Garbage collection tuned for batches: what is made at start stays, and the many short-lived rows are not searched."""

import gc

THRESHOLDS = (200_000, 50, 50)  # some batches: what lives no longer than one is hardly ever looked at


def settle_garbage_collection() -> None:
    """Call once, after everything that stays has been made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
