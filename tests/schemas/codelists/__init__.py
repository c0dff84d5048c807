"""Tests of the code lists: their form, and their facts against the sources."""
