"""Starting a command: what its imports made is left alone by garbage collection, which works as ever besides."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from wire.quick_start import run_command, unsearched


def test_what_was_imported_is_frozen_and_garbage_is_collected_while_the_command_runs() -> None:
    seen: list[tuple[bool, int]] = []
    before = gc.get_freeze_count()

    def load() -> Callable[[], None]:
        seen.append((gc.isenabled(), 0))
        return lambda: seen.append((gc.isenabled(), gc.get_freeze_count()))

    run_command(load)
    [(while_loading, _), (while_running, frozen)] = seen
    assert (while_loading, while_running) == (False, True)
    assert frozen > before


def test_what_a_service_reads_at_its_start_is_frozen_too_and_also_where_that_fails() -> None:
    before = gc.get_freeze_count()
    with suppress(ImportError), unsearched():
        kept: list[list[int]] = [[] for _ in range(1000)]
        assert not gc.isenabled()
        raise ImportError
    assert (gc.isenabled(), len(kept)) == (True, 1000)
    assert gc.get_freeze_count() >= before + 1000


def test_a_node_serves_without_what_reads_and_writes_workbooks_until_somebody_needs_it() -> None:
    program = "import sys, node.app; print({'openpyxl', 'lxml', 'xlsxwriter'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"


def test_the_command_s_exit_is_the_process_s() -> None:
    def load() -> Callable[[], None]:
        return lambda: sys.exit(3)

    with pytest.raises(SystemExit) as ended:
        run_command(load)
    assert ended.value.code == 3


@pytest.mark.parametrize("while_loading", [True, False])
def test_ctrl_c_ends_a_command_quietly_from_its_first_import_on(while_loading: bool) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    def load() -> Callable[[], None]:
        if while_loading:
            interrupted()
        return interrupted

    with pytest.raises(SystemExit) as ended:
        run_command(load)
    assert ended.value.code == 130


@pytest.mark.parametrize(("status", "told"), [(0, True), (3, False)])
def test_output_that_is_lost_at_the_end_is_told_unless_the_end_is_told_already(status: int, told: bool) -> None:
    program = f"""
import sys
from wire.quick_start import run_command

def command():
    print("data")
    sys.exit({status})

run_command(lambda: command)
"""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        )  # fmt: skip
    assert (ended.returncode, "standard output: No space left" in ended.stderr) == (status or 1, told)
    assert "Exception" not in ended.stderr


@pytest.mark.parametrize("package", ["wire", "node", "hub"])
def test_a_worker_process_which_imports_the_beginning_of_a_command_does_not_get_all_of_it(package: str) -> None:
    program = f"import sys, {package}.__main__; print({{'typer', 'sqlalchemy'}} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"


@pytest.mark.parametrize("package", ["wire", "node", "hub"])
def test_commands_read_no_web_server_no_migrations_and_no_pages_unless_they_need_them(package: str) -> None:
    heavy = {"argon2", "fastapi", "uvicorn", "jinja2", "babel", "alembic"}
    program = f"import sys, {package}.cli; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
