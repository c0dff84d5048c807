"""Tests of hub/subscriptions."""
