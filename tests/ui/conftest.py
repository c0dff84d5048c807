"""What tests of assets share: what npm brings."""

import pytest

from ui import assets


@pytest.fixture
def npm_assets() -> None:
    """What npm has brought is there; where it is not, that is a skip on a user's machine."""
    if not (assets.MODULES.is_dir() and assets.VENDOR.is_dir()):
        pytest.skip("npm was not there when the project was set up: apt install npm, then make assets")
