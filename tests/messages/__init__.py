"""Collects the texts of all pages into the catalogues of each language: `python -m tests.messages`."""
