"""Tests of ui/: languages, formats, layout, assets."""
