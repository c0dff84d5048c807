"""Tests of importing: mappings, their features and the real files."""
