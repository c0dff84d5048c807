"""A number with its noun, in the words of commands, which are English."""


def amount(number: int, one: str, many: str = "") -> str:
    """Give `1 record`, `2 records`: `one` and `many` are what follows the number; without `many`, `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def entries(number: int) -> str:
    """Give so many entries of the log."""
    return amount(number, "entry", "entries")
