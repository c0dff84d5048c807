"""The code lists: every code that has a fixed meaning, with its label, read from the tables beside this file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A code list by its short name; a list with `pattern` is open: any code of that form is valid."""

    name: str
    title: str
    pattern: str | None = None


_CLOSED = {
    "theme_1373": "Themes of Security Council resolution 1373",
    "fatf": "FATF recommendations and immediate outcomes",
    "who_jee": "WHO joint external evaluation: technical areas and indicators",
    "dac_crs": "OECD DAC purpose codes",
    "hpc_cluster": "Clusters of the humanitarian programme cycle",
    "ct_instrument": "The 19 international instruments against terrorism",
    "country": "Countries and territories, ISO 3166-1 alpha-3",
    "region": "Regions, UN M49",
    "need_status": "Status of a need",
    "assistance_mode": "Modes of assistance",
    "contact_role": "Roles of a contact",
    "link_type": "Types of link between organizations",
    "consent": "Consent of the assessed State",
    "plan_theme": "Themes of an action plan",
    "treaty_action": "Acts by which a State joins or leaves a treaty",
    "tlp": "Traffic Light Protocol 2.0",
    "iati_org_type": "IATI organisation type",
    "activity_status": "IATI activity status",
    "iati_scope": "IATI activity scope",
    "iati_org_role": "IATI organisation role",
    "iati_date_type": "IATI activity date type",
    "iati_transaction_type": "IATI transaction type",
    "iati_result_type": "IATI result type",
    "iati_related_type": "IATI related activity type",
    "iati_description_type": "IATI description type",
    "indicator_measure": "IATI indicator measure",
    "budget_status": "IATI budget status",
    "dac_aid_type": "OECD DAC types of aid",
    "collaboration_type": "OECD DAC collaboration type",
    "card_kind": "Kind of a contact card",
    "visibility": "Who may see a contact",
    "framework": "Frameworks of assessment",
    "assessment_type": "Types of assessment",
    "level": "Levels of priority",
    "need_origin": "Origins of a need",
    "trend": "Trends",
    "share_band": "Bands of a share",
    "resource_type": "Types of resource",
    "legal_force": "Legal force",
    "priority_status": "Status of a priority",
    "action_status": "Status of an action",
    "implementation": "Domestic implementation of an instrument",
    "phone_feature": "What a telephone number can receive",
    "pack_part": "Parts of an information pack",
    "address_context": "Where an address is used",
}
_OPEN = {
    "who_spar": ("WHO States Parties self-assessment: capacities", r"^C(?:1[0-5]|[1-9])(?:\.[1-9])?$"),
    "glide": ("GLIDE numbers of disasters", r"^[A-Z]{2}-[0-9]{4}-[0-9]{6}-[A-Z]{3}$"),
}
SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {name: Scheme(name, title) for name, title in _CLOSED.items()}
    | {name: Scheme(name, title, pattern) for name, (title, pattern) in _OPEN.items()}
)
THEME_SCHEMES = ("theme_1373", "fatf", "who_jee", "who_spar", "dac_crs", "hpc_cluster")


def table(name: str) -> tuple[Row, ...]:
    """The rows of one table in `data/`, each a mapping from column to text; `KeyError` where there is none."""
    return _read(name)


@cache
def _read(name: str) -> tuple[Row, ...]:
    path = files(__package__).joinpath("data", f"{name}.tsv")
    if not path.is_file():
        raise KeyError(name)
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    columns = header.split("\t")
    return tuple(MappingProxyType(dict(zip(columns, line.split("\t"), strict=True))) for line in lines)


def scheme(name: str) -> Scheme:
    """The list of that short name; `KeyError` names what is known."""
    try:
        return SCHEMES[name]
    except KeyError:
        raise KeyError(f"no code list {name!r}; known are {', '.join(sorted(SCHEMES))}") from None


@cache
def labels(name: str) -> Mapping[str, str]:
    """Code → English label, in the order of the list; of an open list the codes that have a label."""
    scheme(name)
    if name == "glide":
        return MappingProxyType({})
    label = "en" if name == "country" else "label"
    return MappingProxyType({row["code"]: row[label] for row in _read(name)})


@cache
def codes(name: str) -> frozenset[str]:
    """The codes of a list; of an open list those that have a label."""
    return frozenset(labels(name))


def is_code(name: str, code: str) -> bool:
    """Whether `code` is valid in the list `name`."""
    pattern = scheme(name).pattern
    return code in codes(name) if pattern is None else re.fullmatch(pattern, code) is not None


def label(name: str, code: str) -> str:
    """The label of a code, or the code itself where it has none."""
    return labels(name).get(code, code)
