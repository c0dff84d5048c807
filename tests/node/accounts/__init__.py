"""Tests of node/accounts."""
