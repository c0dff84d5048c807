"""Fuzz one parser with atheris, which sees the lines it reaches: `python -m tests.fuzz note -max_total_time=60`.

Atheris is no dependency of the project: install it beside it. The same parsers are fuzzed without it, blindly and
for a moment, by tests/wire/test_fuzz_parsers.py in every run of the tests. What libFuzzer takes may follow the name.
"""

import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed; run: .venv/bin/pip install atheris")

with atheris.instrument_imports(include=["wire", "schemas"]):
    from tests.wire.test_fuzz_parsers import DOORS


def main() -> None:
    """Fuzz the parser that the first argument names, beginning with its valid examples."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in DOORS:
        sys.exit(f"which parser? one of: {', '.join(DOORS)}")
    door = DOORS[name]

    def once(data: bytes) -> None:
        try:
            door.read(data)
        except door.documented:
            return

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(door.seeds):
            Path(corpus, str(number)).write_bytes(seed)
        atheris.Setup([sys.argv[0], corpus, "-max_len=20000", *sys.argv[2:]], once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
