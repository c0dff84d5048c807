"""The house is in order: captions, sizes, names, tests beside their sources, nothing of one machine."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.docs.project import PACKAGES, ROOT, files, pyproject, short

PYTHON = [path for path in files(".py") if "versions" not in path.parts]
OURS = [path for path in PYTHON if path.relative_to(ROOT).parts[0] in PACKAGES]
TESTS = [path for path in PYTHON if path.name.startswith("test_")]
LONGEST = 300
VAGUE = {"utils", "util", "common", "helpers", "helper", "manager", "managers", "base", "misc"}
HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|proxy\.golang\.org|crates\.io|docker\.io", re.IGNORECASE
)
PLACES = re.compile(r"(?<![\w./-])/(work|home|root|Users)/\w")
CHANGING = re.compile(r"\b(time\.\w+|datetime\.now|date\.today|utc_now|random\.\w+|secrets\.\w+|uuid\w+|urandom)\(")
# Tests that are about more than one source file, and why.
WIDER = {
    "tests/ui/test_searchable.py": "the scripts that make lists searchable, and the words that pages give them",
    "tests/node/test_acts_with_changes.py": "every way to change something, by page or program, with its act",
    "tests/hub/following/test_next_log.py": "rounds, judging and writing together, when the followed log was lost",
    "tests/hub/pages/test_standing.py": "every page with records, and the API, where their author may not speak now",
    "tests/hub/test_extreme_days.py": "every list, page and file of the hub, on the first and last day of the calendar",
    "tests/hub/test_any_order.py": "decide, writer, store and project together, whatever order events come in",
    "tests/wire/test_fuzz_parsers.py": "all parsers of what comes from outside, under the same mutations",
    "tests/hub/pages/test_markings_of_pages.py": "every page at once: nothing above the marking of its reader",
    "tests/hub/test_markings.py": "every address of the hub at once: nothing above the reader's marking leaves",
    "tests/node/pages/test_roles.py": "every page of the node by every role",
    "tests/node/api/test_covers_pages.py": "every page of the node against the addresses of its API",
    "tests/node/test_witness_any_order.py": "witness, reader and both stores, whatever a hub announces, and crashes",
    "tests/hub/test_erasure.py": "orders, destroying, erased_list, erased_again, search and live as one",
    "tests/hub/test_bus_security.py": "bus_config and nats-server together, as an attacker meets them",
    "tests/node/importing/test_real_files.py": "all of importing, on the shared data",
    "tests/node/importing/test_shipped.py": "the mappings in deploy/mappings",
    "tests/schemas/records/test_records.py": "what all kinds have in common",
    "tests/schemas/records/test_rules.py": "rules between fields, kind by kind",
}


def test_a_file_opens_with_one_sentence_that_says_what_it_is_for() -> None:
    captions = {path: (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n\n")[0] for path in PYTHON}
    assert [short(path) for path, said in captions.items() if not said.endswith(".") or len(said) < 20] == []
    # A second sentence, or line, belongs into the next paragraph.
    longer = [path for path, said in captions.items() if "\n" in said and path.name != "__init__.py"]
    assert [short(path) for path in longer] == []


def test_a_file_of_the_packages_is_not_too_long_to_read() -> None:
    assert [short(path) for path in OURS if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [short(path) for path in PYTHON if VAGUE & {path.stem, path.parent.name}] == []


def test_a_test_file_stands_beside_its_source_or_says_why_not() -> None:
    ours = [path for path in TESTS if path.relative_to(ROOT).parts[1] in PACKAGES]
    assert {short(path) for path in ours if not _source(path)} ^ set(WIDER) == set(), (
        "no source, or both it and a reason"
    )


def _source(test: Path) -> bool:
    source = ROOT.joinpath(*test.relative_to(ROOT / "tests").parts[:-1], test.name.removeprefix("test_"))
    return source.exists() or source.with_suffix("").is_dir()


def test_explained_exceptions_are_still_there() -> None:
    assert [name for name in WIDER if not (ROOT / name).exists()] == []


def test_no_name_of_a_test_holds_a_moment_or_chance_as_each_process_must_find_the_same_tests() -> None:
    found = [
        f"{short(path)}:{node.lineno}"
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in node.decorator_list
        if CHANGING.search(ast.unparse(decorator))
    ]
    assert found == []


def test_every_test_folder_is_a_package_so_that_none_hides_one_of_ours() -> None:
    assert {short(path.parent) for path in TESTS if not (path.parent / "__init__.py").exists()} == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_our_package_names_resolve_inside_the_repository(name: str) -> None:
    found = import_module(name).__file__
    assert found is not None
    assert Path(found).resolve() == ROOT / name / "__init__.py"


def test_the_packages_are_those_of_the_wheel() -> None:
    assert pyproject()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)


def test_lock_files_hold_hashes_and_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lock = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in lock
        assert "://" not in lock, f"{name} names an address; see `make lock`"


def test_no_file_names_a_package_registry_s_host_or_a_path_of_one_machine() -> None:
    found = []
    for path in files():
        if path == Path(__file__).resolve():
            continue
        content = path.read_bytes().decode("utf-8", "ignore")
        found += [(short(path), match[0]) for pattern in (HOSTS, PLACES) for match in pattern.finditer(content)]
    assert found == []
