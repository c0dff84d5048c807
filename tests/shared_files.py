"""Where the shared data and vectors lie beside the project, and the visible skip where they do not."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the real data and vectors: put the folder `shared` beside the project's folder"
)
