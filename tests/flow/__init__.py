"""Tests of whole networks: nodes, bus and hub together, compared with independent counts."""
