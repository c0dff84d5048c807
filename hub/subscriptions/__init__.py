"""Subscriptions: who is told of which events by webhook or mail, how far each has come, and what became of it.

Owns the subscriptions, their targets and delivery log, the worker that sends, and the mails to confirm and to end
them. It does not know how an event got into the log, nor how people log in: it asks for an owner and its role.
"""
