"""Tests of hub/exports: every format opens in a reader that is not ours."""
