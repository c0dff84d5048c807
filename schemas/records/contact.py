"""A contact point: an office first, a person where need be, and every way to reach it."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.fields import (
    CodeOf,
    ContactRef,
    Country,
    Day,
    Email,
    LangText,
    LanguageTag,
    OrgRef,
    Part,
    Phone,
    Short,
    TimeZone,
    Url,
)
from schemas.forms import form
from schemas.record import Record

_FINGERPRINT = form(r"^[0-9A-Fa-f: ]{16,200}$", "be a fingerprint in hexadecimal digits")
Preference = Annotated[int, Field(ge=1, le=100)]
Contexts = Annotated[list[Annotated[str, CodeOf("address_context")]], Field(min_length=1, max_length=2)]


class EmailAddress(Part):
    """An e-mail address (JSContact emails, vCard EMAIL)."""

    address: Email = Field(description="The address.")
    contexts: Contexts | None = Field(None, description="Where it is used: work or private.")
    pref: Preference | None = Field(None, description="Preference, 1 is tried first (vCard PREF).")


class PhoneNumber(Part):
    """A telephone number (JSContact phones, vCard TEL)."""

    number: Phone = Field(description="The number in E.164 form: + and country code, digits only.")
    features: Annotated[list[Annotated[str, CodeOf("phone_feature")]], Field(min_length=1, max_length=4)] | None = (
        Field(None, description="What it can receive: voice, fax, text, video.")
    )
    emergency: bool | None = Field(None, description="True if it is answered in an emergency (FIRST phone-emergency).")


class Address(Part):
    """A postal address (JSContact addresses, vCard ADR)."""

    full: Short | None = Field(None, description="The address as written on a letter.")
    street: Short | None = Field(None, description="Street and number, or post box.")
    locality: Short | None = Field(None, description="City or town.")
    region: Short | None = Field(None, description="State, province or county.")
    postcode: Short | None = Field(None, description="Postal code.")
    country: Country | None = Field(None, description="Country, ISO 3166-1 alpha-3.")
    contexts: Contexts | None = Field(None, description="Where it is used: work or private.")


class OnlineService(Part):
    """A web form, messenger or other service through which the contact is reached (JSContact onlineServices)."""

    url: Url = Field(description="Address of the service.")
    service: Short | None = Field(None, description="Name of the service, such as web form.")


class SpokenLanguage(Part):
    """A language in which the contact can be addressed (JSContact preferredLanguages, vCard LANG)."""

    language: LanguageTag = Field(description="The language, BCP 47.")
    pref: Preference | None = Field(None, description="Preference, 1 is best.")


class CryptoKey(Part):
    """A key with which to encrypt to the contact (JSContact cryptoKeys, vCard KEY)."""

    fingerprint: Annotated[str, Field(pattern=_FINGERPRINT)] = Field(description="Fingerprint, hexadecimal.")
    expires: Day | None = Field(None, description="Last day on which it may be used.")
    url: Url | None = Field(None, description="Where the key is published.")


class Contact(Record):
    """A contact point (JSContact RFC 9553, vCard 4)."""

    kind: ClassVar[str] = "contact"

    organization: OrgRef = Field(description="The organization it speaks for (JSContact organizations, vCard ORG).")
    card_kind: Annotated[str, CodeOf("card_kind")] = Field(
        description="What it is: org, group, individual or application (JSContact kind)."
    )
    name: LangText = Field(description="Name of the office or person, by language (vCard FN).")
    unit: Short | None = Field(None, description="Unit in the organization (IATI department).")
    title: LangText | None = Field(None, description="Job title, by language (vCard TITLE).")
    roles: Annotated[list[Annotated[str, CodeOf("contact_role")]], Field(min_length=1, max_length=20)] = Field(
        description="What it is there for (PeeringDB role, IATI contact type)."
    )
    emails: Annotated[list[EmailAddress], Field(min_length=1, max_length=50)] | None = Field(
        None, description="E-mail addresses."
    )
    phones: Annotated[list[PhoneNumber], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Telephone numbers."
    )
    addresses: Annotated[list[Address], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Postal addresses."
    )
    online_services: Annotated[list[OnlineService], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Web forms and other online services."
    )
    languages: Annotated[list[SpokenLanguage], Field(min_length=1, max_length=50)] | None = Field(
        None, description="Languages in which it can be addressed."
    )
    timezone: TimeZone | None = Field(None, description="IANA time zone of its hours (vCard TZ).")
    hours: Short | None = Field(None, description="When it can be reached, in words (HSDS schedule).")
    available_24x7: bool | None = Field(None, description="True if it is reached at any hour, as an IHR focal point.")
    crypto_keys: Annotated[list[CryptoKey], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Keys with which to encrypt to it."
    )
    designated_by: OrgRef | None = Field(None, description="Who designated it (IHR article 4).")
    designated_on: Day | None = Field(None, description="Day of the designation.")
    deputy_of: ContactRef | None = Field(None, description="The contact it stands in for.")
    # Required here, optional elsewhere: a contact that nobody ever confirmed is of no use.
    confirmed_at: Day = Field(description="Day on which the owner last confirmed it (IHR confirmation).")
    last_test_at: Day | None = Field(None, description="Day of the last test call or message.")
    last_test_ok: bool | None = Field(None, description="Whether the last test was answered.")
    visibility: Annotated[str, CodeOf("visibility")] = Field(
        description="Who may see it: public, members or private (PeeringDB visible)."
    )
