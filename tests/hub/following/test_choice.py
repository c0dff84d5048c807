"""Which bodies a regional hub holds, chosen with the words of the API's filters, and kept in a file."""

from pathlib import Path

import pytest

from hub.following.choice import FILE, Choice, Followed, is_regional, read_followed, write_followed
from hub.settings import BadSettings
from schemas.facets import Facets


def about(*places: str) -> Facets:
    return Facets("A title", places, (), None, "")


def test_nothing_chosen_is_everything() -> None:
    assert Choice().is_everything
    assert Choice().holds("need", "xa-centre", about())
    assert not Choice(kinds=("need",)).is_everything


@pytest.mark.parametrize(
    ("places", "held", "not_held"),
    [
        (("KEN",), ("KEN",), ("UGA",)),
        (("014",), ("KEN",), ("FRA",)),
        (("001",), ("FRA",), ()),
    ],
    ids=["a country", "a region with its countries", "the world: whatever names a place"],
)
def test_places_choose_as_filters_do(places: tuple[str, ...], held: tuple[str, ...], not_held: tuple[str, ...]) -> None:
    choice = Choice(places=places)
    assert choice.holds("need", "xa-centre", about(*held))
    assert not choice.holds("need", "xa-centre", about(*not_held))
    assert choice.holds("need", "xa-centre", None), "a withdrawal names no place"


def test_lists_are_met_together_and_values_apart() -> None:
    choice = Choice(places=("KEN",), kinds=("need", "offer"), organizations=("xa-centre",))
    assert choice.holds("offer", "xa-centre", about("KEN"))
    assert not choice.holds("offer", "xb-office", about("KEN"))
    assert not choice.holds("contact", "xa-centre", about("KEN"))


@pytest.mark.parametrize("wrong", [{"places": ("KE",)}, {"kinds": ("needs",)}, {"organizations": ("No Such",)}])
def test_what_is_no_place_kind_or_organization_is_said_with_what_is_allowed(wrong: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(BadSettings, match="cannot be chosen"):
        Choice(**wrong)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert not is_regional(tmp_path)
    followed = Followed("https://hub.example", Choice(("KEN",), (), ("xa-centre",)), tmp_path / 'a "token"')
    write_followed(tmp_path, followed)
    assert is_regional(tmp_path)
    assert read_followed(tmp_path) == followed


@pytest.mark.parametrize("text", ["hub = ", 'hub = "https://hub.example"\n'])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(BadSettings, match=FILE):
        read_followed(tmp_path)
