"""Tests of hub/accounts."""
