"""Tests of the checks of connection and state."""
