"""A resource: a standard, code, guide, model law, training material, information pack and the like."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.fields import CodeOf, ContactRef, Day, LangText, LanguageTag, OrgRef, Part, ResourceRef, Short, Url
from schemas.record import Record


class Distribution(Part):
    """A form in which the resource can be had (dcat:distribution)."""

    url: Url = Field(description="Where it is (dcat:accessURL).")
    media_type: Short | None = Field(None, description="Media type, such as application/pdf (dcat:mediaType).")
    language: LanguageTag | None = Field(None, description="Language, BCP 47 (dct:language).")


class PackPart(Part):
    """One part of an information pack."""

    part: Annotated[str, CodeOf("pack_part")] = Field(description="What it is.")
    resource: ResourceRef = Field(description="The resource: a record id or address.")


class Resource(Record):
    """A standard, code, best practice, model law or source of assistance (DCAT 3)."""

    kind: ClassVar[str] = "resource"

    title: LangText = Field(description="Title, by language (dct:title).")
    description: LangText = Field(description="What it is, by language (dct:description).")
    resource_type: Annotated[str, CodeOf("resource_type")] = Field(description="What kind it is (dct:type).")
    issuer: OrgRef = Field(description="Who issues it (dct:publisher).")
    identifier: Short | None = Field(
        None, description="Its symbol, such as S/RES/1373 (2001) or a DOI (dct:identifier)."
    )
    issued: Day | None = Field(None, description="Day of issue (dct:issued).")
    modified: Day | None = Field(None, description="Day of the last change (dct:modified).")
    version: Short | None = Field(None, description="Version (dcat:version).")
    replaced_by: ResourceRef | None = Field(None, description="The resource that replaces it (dct:isReplacedBy).")
    languages: Annotated[list[LanguageTag], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Languages in which it exists, BCP 47 (dct:language)."
    )
    legal_force: Annotated[str, CodeOf("legal_force")] | None = Field(None, description="Whether it binds.")
    license: Short | None = Field(None, description="Licence under which it may be used (dct:license).")
    access_rights: Short | None = Field(None, description="Who may have it (dct:accessRights).")
    landing_page: Url | None = Field(None, description="Page about it (dcat:landingPage).")
    distributions: Annotated[list[Distribution], Field(min_length=1, max_length=100)] | None = Field(
        None, description="Forms in which it can be had (dcat:distribution)."
    )
    conforms_to: Annotated[list[Short], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Standards it follows (dct:conformsTo)."
    )
    contact_point: ContactRef | None = Field(None, description="Whom to ask (dcat:contactPoint).")
    instrument: Annotated[str, CodeOf("ct_instrument")] | None = Field(
        None, description="The international instrument that an information pack is about."
    )
    audience: LangText | None = Field(None, description="For whom an information pack is made, by language.")
    contents: Annotated[list[PackPart], Field(min_length=1, max_length=50)] | None = Field(
        None, description="The parts of an information pack."
    )
    prepared_by: OrgRef | None = Field(None, description="Who put an information pack together.")
