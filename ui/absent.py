"""What templates see where a record has no such field: nothing. A name that no page defines is an error as before."""

from collections.abc import Iterator, Mapping

from jinja2 import Undefined


class Absent(Undefined):
    """Empty for a member that a mapping does not have, as most fields of records are optional; else it fails."""

    def __str__(self) -> str:
        return "" if self._is_optional() else str(self._fail_with_undefined_error())

    def __iter__(self) -> Iterator[object]:
        return iter(()) if self._is_optional() else self._fail_with_undefined_error()

    def __bool__(self) -> bool:
        return False if self._is_optional() else bool(self._fail_with_undefined_error())

    def __len__(self) -> int:
        return 0 if self._is_optional() else int(self._fail_with_undefined_error())

    def _is_optional(self) -> bool:
        return isinstance(self._undefined_obj, Mapping)
