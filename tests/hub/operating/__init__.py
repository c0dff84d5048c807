"""Tests of hub/operating."""
