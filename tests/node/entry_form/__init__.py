"""Tests of node/entry_form/: every record goes through its form and comes back the same."""
