"""Faults: services and bus are killed again and again while real data load, and nothing may be lost or double."""
