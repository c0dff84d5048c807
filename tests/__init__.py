"""Tests mirror the packages; flow/ runs whole networks, faults/ kills them, bench/ measures them."""
