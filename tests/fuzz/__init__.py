"""Fuzzing with coverage guidance: a search that goes on as long as it is let, no part of `make test`."""
