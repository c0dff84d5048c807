"""The code lists and their labels: owns what codes mean; does not know which field of a record takes which list."""

from schemas.codelists.concordances import dac_sectors_of, fatf_criteria_of, themes_of_criterion, themes_of_sector
from schemas.codelists.lists import SCHEMES, THEME_SCHEMES, Scheme, codes, is_code, label, labels, scheme
from schemas.codelists.places import (
    UN_LANGUAGES,
    Country,
    Region,
    countries,
    country,
    country_from,
    is_country,
    region,
    regions,
    regions_of,
)
from schemas.codelists.ratings import RatingScale, scale_for, score_value
from schemas.codelists.treaties import Instrument, instruments

__all__ = [
    "SCHEMES",
    "THEME_SCHEMES",
    "UN_LANGUAGES",
    "Country",
    "Instrument",
    "RatingScale",
    "Region",
    "Scheme",
    "codes",
    "countries",
    "country",
    "country_from",
    "dac_sectors_of",
    "fatf_criteria_of",
    "instruments",
    "is_code",
    "is_country",
    "label",
    "labels",
    "region",
    "regions",
    "regions_of",
    "scale_for",
    "scheme",
    "score_value",
    "themes_of_criterion",
    "themes_of_sector",
]
