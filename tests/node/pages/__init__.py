"""Tests of node/pages/: each page asked over HTTP and read as HTML."""
