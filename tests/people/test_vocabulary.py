"""Pages of each service call a place, a code and a field by the same words."""

from people.vocabulary import VOCABULARY
from ui.labels import Labels


def test_places_codes_and_fields_have_words() -> None:
    words = Labels(VOCABULARY, "fr", lambda text: text)
    assert words.place_text("KEN") == "Kenya"
    assert VOCABULARY.label("need_status", "acknowledged") == "Acknowledged"
    assert VOCABULARY.field_name("review_due")
