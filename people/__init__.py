"""Who logs in to a service's pages: named accounts of people, their passwords, their sessions, and every attempt.

Owns the tables of accounts, sessions, known browsers, back-off and log-ins, which a service puts beside its own. It
does not know what a role may see or do: it says who somebody is, and for how long. It also has what the pages of both
services share and `ui` must not know: the log-in pages' templates, and the vocabulary of schemas.
"""
