"""The hub: verifies what organizations say, keeps it in one log, and builds the global view from that log.

Owns the log, the view, the quarantine, the registry's statements and the embedded bus. It does not know
how an organization edits its records: everything that it knows comes as signed events over the bus.
"""
