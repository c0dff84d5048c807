"""What a report shows of a cell is one short line."""

from node.importing.rows import shorten


def test_a_found_value_is_one_line_of_at_most_eighty_characters() -> None:
    assert shorten(None) == ""
    assert shorten("a\n b\t c") == "a b c"
    assert shorten("x" * 81) == "x" * 79 + "…"
