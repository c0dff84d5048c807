"""Tests of formats: times, numbers, identifiers and texts as each language writes them."""

from datetime import UTC, datetime

from ui.formats import Formats, choose


def test_a_time_is_written_in_utc_and_in_the_language() -> None:
    when = "2026-11-23T18:05:09.000Z"
    assert Formats("en").moment(when) == '<time datetime="2026-11-23T18:05:09Z">23 Nov 2026, 18:05 UTC</time>'
    assert "23 nov. 2026, 18:05" in Formats("fr").moment(when)
    assert "23 نوفمبر 2026، 18:05 UTC" in Formats("ar").moment(when)
    assert ">2026年11月23日 18:05 UTC<" in Formats("zh").moment(when)
    assert Formats("en").moment(None) == ""


def test_a_day_and_a_distance_are_written_in_words() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    days = {each: str(Formats(each).day("2026-11-23")).split(">")[1].split("<")[0] for each in ("es", "ru", "zh")}
    assert days == {"es": "23 nov 2026", "ru": "23 нояб. 2026", "zh": "2026年11月23日"}
    assert Formats("en").day("2026-11-23") == '<time datetime="2026-11-23">23 Nov 2026</time>'
    assert ">3 days ago<" in Formats("en").ago("2026-11-20T12:00:00Z", now)
    assert ">il y a 3 jours<" in Formats("fr").ago("2026-11-20T12:00:00Z", now)


def test_identifiers_keep_their_order_and_nothing_escapes_into_the_page() -> None:
    assert Formats("ar").ltr("4/0") == '<bdi dir="ltr">4/0</bdi>'
    assert Formats("ar").ltr("<b>") == '<bdi dir="ltr">&lt;b&gt;</bdi>'
    assert Formats("en").text({"en": "<script>"}) == '<span lang="en" dir="ltr">&lt;script&gt;</span>'
    assert Formats("en").number(1234567) == "1,234,567"


def test_a_text_is_shown_in_the_language_of_the_page_or_says_in_which_it_is() -> None:
    texts = {"fr": "Lecteurs", "ar": "قارئات"}
    assert Formats("ar").text(texts) == '<span lang="ar" dir="rtl">قارئات</span>'
    assert Formats("fr").text(texts) == '<span lang="fr" dir="ltr">Lecteurs</span>'
    shown = Formats("en").text(texts)
    assert '<span lang="fr" dir="ltr">Lecteurs</span>' in shown
    assert '<span class="li-language" dir="ltr">fr</span>' in shown
    assert choose({}, "en") is None
    assert choose({"fr-CA": "a", "en-GB": "b"}, "ru") == ("en-GB", "b")


def test_a_language_is_named_in_the_language_of_the_page_or_by_its_tag() -> None:
    assert Formats("en").language_name("fr") == "<bdi>French</bdi>"
    assert Formats("ar").language_name("zh-Hans") == "<bdi>الصينية (المبسطة)</bdi>"
    assert Formats("en").language_name("zz-<b>") == '<bdi dir="ltr">zz-&lt;b&gt;</bdi>'


def test_a_choice_and_a_list_are_written_as_the_language_writes_them() -> None:
    assert Formats("en").any_of(["A", "B", "C"]) == "A, B or C"
    assert Formats("fr").any_of(["A", "B", "C"]) == "A, B ou C"
    assert Formats("ar").any_of(["A", "B", "C"]) == "A أو B أو C"
    assert Formats("ar").any_of(["A"]) == "A"
    assert Formats("en").comma.join("AB") == "A, B"
    assert Formats("ar").comma.join("AB") == "A، B"
    assert (Formats("zh").any_of(["A", "B", "C"]), Formats("zh").comma.join("AB")) == ("A、B或C", "A、B")
    assert [Formats(each).colon for each in ("en", "fr", "zh")] == [": ", "\u00a0: ", "："]
    assert (Formats("es").any_of(["A", "B"]), Formats("ru").any_of(["A", "B"])) == ("A o B", "A или B")
