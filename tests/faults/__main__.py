"""The same as `make faults`: python -m tests.faults --seeds 20 kills while all of the data load."""

import argparse
import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how many runs, each with kills of its own")
    os.environ["LIAISON_FAULT_SEEDS"] = str(parser.parse_args().seeds)
    sys.exit(pytest.main([str(Path(__file__).parent)]))
