"""Tests of the API of a node, part by part."""
