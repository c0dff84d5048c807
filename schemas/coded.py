"""Codes that name their list, `{scheme, code}`: one model per list, chosen in Rust by the scheme."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema, core_schema

from schemas.codelists import SCHEMES, THEME_SCHEMES
from schemas.fields import CodeOf, Part, Percentage


class Code(Part):
    """A code together with the short name of its list."""

    scheme: str = Field(description="Short name of the code list.")
    code: str = Field(description="Code of that list.")


class SectorShare(Code):
    """A sector, with the share of the activity that falls to it."""

    percentage: Percentage | None = Field(
        None, description="Share in per cent; the shares of one list add up to 100 (IATI sector/@percentage)."
    )


@cache
def _model(base: type[Code], scheme: str) -> type[Code]:
    fields: Mapping[str, Any] = {
        "scheme": (Literal[scheme], Field(description="Short name of the code list.")),
        "code": (Annotated[str, CodeOf(scheme)], Field(description=f"Code of the list: {SCHEMES[scheme].title}.")),
    }
    return create_model(f"{base.__name__}_{scheme}", __base__=base, __doc__=SCHEMES[scheme].title + ".", **fields)


@dataclass(frozen=True, slots=True)
class CodedIn:
    """Marks a coded value as one of several lists, each with its own codes."""

    schemes: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The validator that pydantic builds: a union told apart by `scheme`."""
        choices = {scheme: handler.generate_schema(_model(source, scheme)) for scheme in self.schemes}
        return core_schema.tagged_union_schema(choices, discriminator="scheme")


Theme = Annotated[Code, CodedIn(THEME_SCHEMES)]
Criterion = Annotated[Code, CodedIn((*THEME_SCHEMES, "ct_instrument"))]
Sector = Annotated[SectorShare, CodedIn(("dac_crs", "theme_1373"))]
OrgType = Annotated[Code, CodedIn(("iati_org_type",))]
