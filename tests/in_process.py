"""Runs a command of the project in this process: same words, streams and exit status, without the start of Python."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest.mock import patch


def run_here(
    main: Callable[[], None], *words: object, stdin: bytes = b"", env: dict[str, str] | None = None
) -> CompletedProcess[str]:
    """Run `main` with these words, the first of which names the command; what it raises is raised."""
    output, errors, given = (io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="") for data in (b"", b"", stdin))
    status: object = 0
    spoken = list(map(str, words))
    with patch.object(sys, "argv", spoken), patch.object(sys, "stdin", given), patch.dict(os.environ, env or {}):
        try:
            with redirect_stdout(output), redirect_stderr(errors):
                main()
        except SystemExit as ended:
            status = ended.code or 0
    texts = []
    for stream in (output, errors):
        stream.flush()
        stream.seek(0)
        texts.append(stream.buffer.read().decode("utf-8-sig"))
    return CompletedProcess(spoken, int(str(status)), *texts)
