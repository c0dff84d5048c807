"""Tests of the audit: honest logs pass, and every lie is found where it was told."""
