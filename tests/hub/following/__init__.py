"""Tests of hub/following."""
