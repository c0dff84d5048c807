"""Runs commands of hub and nodes to their end, each in a process forked from one that has read the program already."""

import multiprocessing
import os
import sys
import tempfile
import threading
from collections.abc import Container
from multiprocessing.connection import wait
from pathlib import Path

from deploy.demo.service import ServiceFailed

COMMAND_SECONDS = 600
# Not forked from this process, whose threads may hold locks in any moment: from one that has no others.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["deploy.demo.preloaded"])
# Starting a process asks all others how they ended, and two threads that ask the same one at once get half an answer.
_one_thread = threading.Lock()


def hub(*words: str) -> str:
    """Run a command of liaison-hub; give what it printed. ServiceFailed, with its words, if it fails."""
    return run_command("liaison-hub", *words)


def node(*words: str) -> str:
    """Run a command of liaison-node, as `hub` does."""
    return run_command("liaison-node", *words)


def run_command(*words: str, answers: Container[int] = (0,)) -> str:
    """Run a command with the environment and the directory of this moment, and nothing to read.

    `answers` are the exit statuses with which it says what was asked.
    """
    with tempfile.TemporaryDirectory(prefix="liaison-command-") as place:
        output, errors = Path(place, "output"), Path(place, "errors")
        process = _processes.Process(target=_run, args=(words, output, errors, dict(os.environ), Path.cwd()))
        with _one_thread:
            process.start()
        if not wait([process.sentinel], COMMAND_SECONDS):
            process.kill()
            wait([process.sentinel])
        with _one_thread:
            status = process.exitcode
        printed = output.read_text(encoding="utf-8") if output.exists() else ""
        if status not in answers or (status and not printed):
            said = errors.read_text(errors="replace").strip() if errors.exists() else ""
            raise ServiceFailed(f"`{' '.join(words)}` ended with {status}: {said[-2000:]}")
        return printed


def _run(words: tuple[str, ...], output: Path, errors: Path, environment: dict[str, str], directory: Path) -> None:
    from deploy.demo.preloaded import COMMANDS  # noqa: PLC0415 - the process that starts commands does not need it

    for number, path in ((1, output), (2, errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    sys.argv = list(words)
    COMMANDS[words[0]]()
