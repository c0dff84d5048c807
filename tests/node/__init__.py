"""Tests of the node, the service of one organization."""
