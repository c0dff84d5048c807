"""Tests that the documentation says what the code does, and that the house is in order."""
