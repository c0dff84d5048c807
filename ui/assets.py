"""The files that pages load: our own in static/, those of others in vendor/, put there by `python -m ui.assets`."""

import hashlib
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"
VENDOR: Final = FOLDER / "vendor"
MODULES: Final = FOLDER / "node_modules"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_SANS: Final = "@fontsource-variable/noto-sans"
_ARABIC: Final = "@fontsource-variable/noto-sans-arabic"
# Name in vendor/ and where npm leaves it; ui/package-lock.json fixes the versions and their hashes.
VENDORED: Final = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.rtl.min.css": "@tabler/core/dist/css/tabler.rtl.min.css",
    "noto-sans-latin.woff2": f"{_SANS}/files/noto-sans-latin-wght-normal.woff2",
    "noto-sans-latin-ext.woff2": f"{_SANS}/files/noto-sans-latin-ext-wght-normal.woff2",
    "noto-sans-cyrillic.woff2": f"{_SANS}/files/noto-sans-cyrillic-wght-normal.woff2",
    "noto-sans-greek.woff2": f"{_SANS}/files/noto-sans-greek-wght-normal.woff2",
    "noto-sans-arabic.woff2": f"{_ARABIC}/files/noto-sans-arabic-arabic-wght-normal.woff2",
    "noto-sans-license.txt": f"{_SANS}/LICENSE",
}


def vendor() -> list[str]:
    """Copy what pages need from node_modules into vendor/; gives the names that npm did not bring."""
    missing = [name for name, source in VENDORED.items() if not (MODULES / source).is_file()]
    if not missing:
        fresh = VENDOR.with_name("vendor.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for name, source in VENDORED.items():
            shutil.copyfile(MODULES / source, fresh / name)
        shutil.rmtree(VENDOR, ignore_errors=True)
        fresh.rename(VENDOR)
    return missing


def find(name: str) -> Path | None:
    """Give the file of a name, or None; names with folders or unknown endings are not looked for."""
    if "/" in name or "\\" in name or name.startswith(".") or Path(name).suffix not in TYPES:
        return None
    return next((folder / name for folder in (STATIC, VENDOR) if (folder / name).is_file()), None)


@cache
def release() -> str:
    """Give what stands in the addresses of all assets, so that a browser keeps them until one of them changes."""
    digest = hashlib.sha256()
    for folder in (STATIC, VENDOR):
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def main() -> int:
    """Fill vendor/ after `npm ci`; say what is missing."""
    missing = vendor()
    if missing:
        sys.stderr.write(f"npm has not brought {', '.join(missing)}: run `npm ci --ignore-scripts` in ui/ and again\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
