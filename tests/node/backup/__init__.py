"""Tests of node/backup/."""
