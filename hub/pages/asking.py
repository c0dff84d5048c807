"""Reads a page's address with the API's own filters; what cannot be used is said beside the page, not instead of it."""

from typing import NamedTuple, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from hub.filters import several_in
from schemas.problems import problem_from

Model = TypeVar("Model", bound=BaseModel)


class Asked(NamedTuple):
    """Problems of an address, as an error summary takes them: {field, message}."""

    problems: list[dict[str, str]]

    @property
    def status(self) -> int:
        """Give the answer's status."""
        return 422 if self.problems else 200


def ask(request: Request, model: type[Model], **fixed: object) -> tuple[Model, Asked]:
    """Read the query of an address into a model; empty fields of a form ask for nothing.

    `fixed` are parameters that the page decides itself, and that its address may not name.
    """
    lists = several_in(model)
    given: dict[str, object] = {}
    for name, value in request.query_params.multi_items():
        if not value.strip():
            continue
        if name in lists:
            given.setdefault(name, [])
            given[name].append(value.strip())  # type: ignore[attr-defined]
        else:
            given[name] = value.strip()
    try:
        return model.model_validate({**given, **fixed}), Asked([])
    except ValidationError as error:
        found = [problem_from(each) for each in error.errors()]
        problems = [{"field": each.pointer.strip("/").partition("/")[0], "message": each.message} for each in found]
        return model.model_validate(fixed), Asked(problems)
