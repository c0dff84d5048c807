"""The audit: everything that a log says is proved again, from trust.json and the log's own files.

It owns the order of the checks and the words of their findings. It does not know where a log comes from
(`wire.log_source`), and decides nothing itself: verdicts are those of `wire.verdict`, `wire.examine` and
`wire.actions`, the very functions that the hub runs.
"""
