"""Tests of hub/pages/: each page asked over HTTP and read as HTML."""
