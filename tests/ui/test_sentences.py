"""Tests of sentences: English that was stored with its values is found again, and what is not known stays English."""

from markupsafe import Markup

from ui.sentences import MAX_LENGTH, Sentences

ARABIC = Sentences(
    "ar",
    {
        "It works.": "يعمل.",
        "missing": "ناقص",
        "live": "نشطة",
        "be a list": "أن يكون قائمة",
        "{place} is {found}, but must {must}.": "{place}: وُجد {found}، ولكن يجب {must}.",
        "{must}; the nearest are {codes}": "{must}؛ وأقربها {codes}",
        "be one of the {n} codes": "أن يكون واحدا من الرموز وعددها {n}",
        "Nothing answers at {address}.": "لا شيء يجيب عند {address}.",
        "There is no backup: {cause}": "لا توجد نسخة: {cause}",
    },
)
ENGLISH = '<span class="li-untranslated" lang="en" dir="ltr">{}</span>'


def test_a_sentence_without_values_is_translated() -> None:
    assert ARABIC.said("It works.") == "يعمل."


def test_a_sentence_is_found_again_with_its_values_in_their_own_direction() -> None:
    assert ARABIC.said("Nothing answers at tls://x:4222.") == "لا شيء يجيب عند <bdi>tls://x:4222</bdi>."


def test_a_value_that_is_a_sentence_is_translated_and_what_was_found_only_if_it_is_one() -> None:
    said = ARABIC.said('"a" is "live", but must be one of the 5 codes; the nearest are x, y.')
    codes = "أن يكون واحدا من الرموز وعددها <bdi>5</bdi>؛ وأقربها <bdi>x, y</bdi>"
    assert said == f"<bdi>&#34;a&#34;</bdi>: وُجد <bdi>&#34;live&#34;</bdi>، ولكن يجب {codes}."
    assert ARABIC.plain('"a" is missing, but must be a list.') == '"a": وُجد ناقص، ولكن يجب أن يكون قائمة.'


def test_what_is_not_known_is_marked_as_english_and_is_safe() -> None:
    assert ARABIC.said("<b> is odd") == ENGLISH.format("&lt;b&gt; is odd")
    assert ARABIC.said("There is no backup: the disk is full") == "لا توجد نسخة: " + ENGLISH.format("the disk is full")


def test_several_sentences_are_translated_one_by_one() -> None:
    assert ARABIC.said("It works. Nobody knows. It works.") == f"يعمل. {ENGLISH.format('Nobody knows.')} يعمل."


def test_what_a_sentence_is_about_may_stand_before_it() -> None:
    assert ARABIC.said("need/n1: It works.") == "<bdi>need/n1</bdi>: يعمل."
    assert ARABIC.said("live: It works. It works.") == "نشطة: يعمل. يعمل."
    assert ARABIC.said("need/n1: it is odd") == ENGLISH.format("need/n1: it is odd")


def test_english_pages_and_texts_that_are_markup_stay_as_they_are() -> None:
    assert Sentences("en", {"It works.": "x"}).said("It works. <b>") == "It works. &lt;b&gt;"
    assert Sentences("en", {}).plain("<b>") == "<b>"
    assert ARABIC.said(Markup("<i>مرحبا</i>")) == Markup("<i>مرحبا</i>")
    assert ARABIC.said("") == ""


def test_a_text_of_any_length_and_depth_comes_to_an_end() -> None:
    assert "li-untranslated" in ARABIC.said("x" * (MAX_LENGTH + 1))
    deep = "There is no backup: " * 50 + "It works."
    assert ARABIC.plain(deep).startswith("لا توجد نسخة: لا توجد نسخة: ")
    assert ARABIC.plain(" is ".join("a" * 500) + ", but must be.")
