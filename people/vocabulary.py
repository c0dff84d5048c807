"""What the pages of each service call things: the code lists, fields and places of schemas, for the shared labels."""

from typing import Final

from schemas.codelists import codes, countries, country, is_country, label, regions
from schemas.field_names import field_name
from schemas.words import fold
from ui.labels import Vocabulary

VOCABULARY: Final = Vocabulary(codes, label, countries, country, is_country, regions, field_name, fold)
