"""Tests of hub/doctor."""
