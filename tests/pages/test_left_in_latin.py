"""Tests of left_in_latin: a text that was forgotten is found, and data is not taken for one."""

import lxml.html

from tests.pages.left_in_latin import left_in_latin


def test_a_text_that_nobody_translated_is_found() -> None:
    page = lxml.html.fromstring(
        '<html lang="ar"><body><p>مرحبا <b>Forgotten words</b> tail</p><a title="Forgotten too">نعم</a>'
        '<p>في IATI: <span class="li-untranslated" lang="en" dir="ltr">Marked as English</span></p></body></html>'
    )
    assert left_in_latin(page) == ["Forgotten words", "tail", "Forgotten too", "Marked as English"]


def test_data_is_left_alone() -> None:
    page = lxml.html.fromstring(
        '<html lang="ar"><body><bdi>Centre</bdi> <code>TLP</code> <p dir="ltr">need/n1</p> <p lang="fr">Bonjour</p>'
        '<p lang="en" dir="ltr">The text of a record</p><p>x 1 <time>Nov</time></p></body></html>'
    )
    assert left_in_latin(page) == []
