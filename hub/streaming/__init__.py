"""Live readers over HTTP: their places, where they begin, how a newcomer catches up, and how a slow one is let go.

Owns the form of the event stream (comments, ids, `live`, `reset`) and what it costs to serve a thousand of them. Does
not know what records mean, who may see them (`hub.access`, `hub.live`), or how pages look.
"""
