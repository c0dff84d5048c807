"""An organization of the network or one it knows: name, identifiers, type, mandate."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.coded import OrgType
from schemas.fields import CodeOf, Country, Day, Identifier, LangText, OrgRef, Part, Short, Url
from schemas.record import Record


class Accreditation(Part):
    """A standing granted by an accrediting body."""

    scheme: Short = Field(description="Who accredits, such as Trusted Introducer.")
    level: Short = Field(description="The level reached, such as listed, accredited or certified.")
    since: Day | None = Field(None, description="Day since which the level holds.")


class Organization(Record):
    """An organization (HSDS organization, W3C ORG)."""

    kind: ClassVar[str] = "organization"

    name: LangText = Field(description="Name, by language (HSDS name).")
    alternate_names: Annotated[list[Short], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Other names in use (HSDS alternate_name)."
    )
    abbreviation: Short | None = Field(None, description="Short form of the name.")
    identifiers: Annotated[list[Identifier], Field(min_length=1, max_length=100)] = Field(
        description="Identifiers in public lists (HSDS organization_identifier); its id in the network is one, too."
    )
    org_type: OrgType = Field(description="Type of organization (IATI OrganisationType).")
    scope: Annotated[str, CodeOf("iati_scope")] | None = Field(None, description="Reach (IATI ActivityScope).")
    member_states: Annotated[list[Country], Field(min_length=1, max_length=300)] | None = Field(
        None, description="States that are members, ISO 3166-1 alpha-3."
    )
    mandate: LangText | None = Field(None, description="What it is charged with (HSDS description).")
    parent: OrgRef | None = Field(None, description="The organization it is part of (org:subOrganizationOf).")
    website: Url | None = Field(None, description="Web site.")
    logo: Url | None = Field(None, description="Address of its logo.")
    established: Day | None = Field(None, description="Day of foundation.")
    dissolved: Day | None = Field(None, description="Day on which it ceased to exist.")
    accreditation: Accreditation | None = Field(None, description="Accreditation of its team.")
