"""Tests of labels: codes, kinds and places in words, and in English marked as such where there are no others."""

from hub.pages.labels import labels_of

ENGLISH = labels_of("en", lambda text: text)
ARABIC = labels_of("ar", lambda text: {"Needs": "احتياجات"}.get(text, text))


def test_places_have_the_names_of_the_united_nations_in_each_language() -> None:
    assert ENGLISH.place_text("TUR") == "Türkiye"
    assert ARABIC.place("KEN") == '<span lang="ar">كينيا</span>'
    assert ENGLISH.place("XAA") == '<bdi dir="ltr">XAA</bdi>'
    assert ENGLISH.place("<b>") == '<bdi dir="ltr">&lt;b&gt;</bdi>'


def test_what_is_not_translated_says_that_it_is_english() -> None:
    assert ARABIC.kind("need", many=True) == "احتياجات"
    assert (
        ARABIC.label("need_status", "submitted") == '<span class="li-untranslated" lang="en" dir="ltr">Submitted</span>'
    )
    assert ENGLISH.label("need_status", "submitted") == "Submitted"
    assert ENGLISH.coded({"scheme": "theme_1373", "code": "none"}) == '<bdi dir="ltr">none</bdi>'
    assert ENGLISH.field("needed_by") == "Needed by"
