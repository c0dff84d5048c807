"""Benchmarks: ratios within one run, checked for exact results; `make bench-quick` and `make bench` run them."""
