"""Who logs in to the hub's pages: named accounts of people, their passwords, their sessions, and every attempt.

Owns the tables of accounts, sessions, known browsers, back-off and log-ins. It does not know what a role may see or
do, nor how a page looks: it says who somebody is, and for how long.
"""
