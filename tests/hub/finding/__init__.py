"""Tests of hub/finding/: what records are found by, on both databases."""
