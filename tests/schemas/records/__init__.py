"""Tests of the twelve kinds of record and the rules between their fields."""
