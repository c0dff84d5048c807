"""Mapping files are read, and what they may not say is refused in words a person can act on."""

import json
from pathlib import Path

import pytest

from node.importing.mapping import Condition, History, ListRule, Mapping, Rule, load_mapping
from node.importing.rows import ImportFileError, Row
from tests.node.importing.making import built

GOOD = """
source = "test"
format = "csv"
kind = "accession"
marking = "TLP:CLEAR"
key = ["State"]
[fields]
state = { column = "State", as = "country" }
"""


def _load(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportFileError) as error:
        load_mapping(path)
    return str(error.value)


def test_a_mapping_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_mapping(path).fields["state"].columns() == ["State"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "accession"', 'kind = "treaty"', "kind: is no kind of record; the kinds are organization, contact"),
        ('format = "csv"', 'format = "pdf"', "format: found 'pdf', should be 'csv', 'xlsx', 'json' or 'jsonl'"),
        ('key = ["State"]', "", "key: is missing"),
        ('as = "country"', 'like = "country"', "fields.state.like: is no key of a mapping; see docs/import.md"),
        ('as = "country"', 'match = "("', "is no regular expression"),
        ('column = "State"', "column = []", "fields.state.column"),
        ('column = "State", ', "", "fields.state: needs exactly one of column, template, value"),
        ('as = "country"', 'translate = "names"', "names no table under [tables]"),
        ('as = "country"', 'as = "phone"', "needs calling_code"),
        ("[fields]", "[fields", "is no valid TOML"),
        ('as = "country"', 'as = "date", format = "%d.%m."', "format = '%d.%m.' is no form of a date with its year"),
        ('as = "country"', 'as = "date", format = "DD.MM.YYYY"', "is no form of a date with its year"),
        ('column = "State"', 'template = "{State"', "template = '{State' has half a pair of braces"),
        ("state = {", 'name.en = "Name"\nstate = {', 'that is named in quotes, as "name.en"; see docs'),
        ('as = "country"', 'as = "date", format = "%Q"', "such as '%d.%m.%Y'"),
        ('marking = "TLP:CLEAR"', 'marking = "TLP:GREEN"\nrecipients = ["xb-office"]', "TLP:GREEN reaches more than"),
        ("[fields]", '[[list]]\ntarget = "state.code"\nitem = "x"\n[fields]', "'state.code', and so does 'state'"),
        ("[fields]", '[[list]]\ntarget = "a"\neach = "A"\nsplit = ""\nitem = "each"\n[fields]', "list.0.split"),
        ("[fields]", '[history]\nbatch = "commit"\nreason = "gone"\n[fields]', "[history] needs json or jsonl: in csv"),
        ('state = { column = "State", as = "country" }', "", "nothing would be read from the file"),
    ],
)
def test_a_wrong_key_is_named_with_what_is_allowed(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in _load(tmp_path, GOOD.replace(old, new))


def test_a_mapping_may_begin_as_editors_of_windows_begin_it(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert load_mapping(path).source == "test"


def test_a_condition_makes_exactly_one_test(tmp_path: Path) -> None:
    said = _load(tmp_path, GOOD.replace('as = "country"', 'when = { column = "State" }'))
    assert "needs exactly one of equals, in, not_in, empty, matches" in said


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"none\.toml: the mapping cannot be read"):
        load_mapping(tmp_path / "none.toml")


def test_all_mappings_that_we_ship_are_valid() -> None:
    shipped = sorted((Path(__file__).resolve().parents[3] / "deploy/mappings").glob("*.toml"))
    assert [load_mapping(path).marking for path in shipped] == ["TLP:CLEAR"] * 11


def test_every_key_of_a_mapping_is_documented() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/import.md").read_text(encoding="utf-8")
    keys = {
        field.alias or name
        for model in (Mapping, Rule, ListRule, Condition, History)
        for name, field in model.model_fields.items()
    }
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_the_first_example_of_the_documentation_does_what_it_says(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/import.md").read_text(encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(text.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    said = json.loads(text.split("```json\n")[1].split("```")[0])
    row = Row(2, {"Participant": "St. Lucia", "Signature": "18 Nov 2011"})
    (found,), bad = built([row], load_mapping(tmp_path / "mapping.toml"))
    assert bad == []
    assert {"kind": found.kind, "marking": found.marking, **found.record} == said
