"""Tests of what is said: records, code lists, statements, bodies."""
