"""Tests of node/store/, part by part; tests/node/test_store.py has what they share."""
