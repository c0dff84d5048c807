"""Tests of hub/streaming/."""
