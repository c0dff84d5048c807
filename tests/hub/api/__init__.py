"""Tests of the API of the hub, part by part."""
