"""The files that pages load: our own in static/, those of others in vendor/, put there by `python -m ui.assets`."""

import hashlib
import shutil
import subprocess
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
_TABLER: Final = "@tabler/core/dist/css"
_SANS: Final = "@fontsource-variable/noto-sans"
_ARABIC: Final = "@fontsource-variable/noto-sans-arabic"
# Name in vendor/ and where npm leaves it; ui/package-lock.json fixes the versions and their hashes.
VENDORED: Final = {
    "tabler.min.css": f"{_TABLER}/tabler.min.css",
    "tabler.rtl.min.css": f"{_TABLER}/tabler.rtl.min.css",
    "noto-sans-latin.woff2": f"{_SANS}/files/noto-sans-latin-wght-normal.woff2",
    "noto-sans-latin-ext.woff2": f"{_SANS}/files/noto-sans-latin-ext-wght-normal.woff2",
    "noto-sans-cyrillic.woff2": f"{_SANS}/files/noto-sans-cyrillic-wght-normal.woff2",
    "noto-sans-greek.woff2": f"{_SANS}/files/noto-sans-greek-wght-normal.woff2",
    "noto-sans-arabic.woff2": f"{_ARABIC}/files/noto-sans-arabic-arabic-wght-normal.woff2",
    "noto-sans-license.txt": f"{_SANS}/LICENSE",
}
_TOOLS: Final = {"purgecss": ".bin/purgecss"}
# Whoever may ask for a style: templates of all packages, and scripts. What none of them names, no phone has to load.
_WEARERS: Final = ("*/templates/**/*.html", "ui/static/*.js")
_KEPT: Final = (":focus-visible",)  # names no element, so that none seems to wear it: the outline in high contrast


class AssetsError(Exception):
    """The files that pages load could not be made; says why, and what to do."""


def vendor() -> None:
    """Copy what pages need from node_modules into vendor/, of its style sheets what is worn.

    Raises AssetsError if npm did not bring all of it; vendor/ stays as it was.
    """
    missing = [name for name, source in (VENDORED | _TOOLS).items() if not (MODULES / source).is_file()]
    if missing:
        raise AssetsError(f"npm has not brought {', '.join(missing)}")
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        for name, source in VENDORED.items():
            shutil.copyfile(MODULES / source, fresh / name)
        _keep_styles_worn(fresh)
        shutil.rmtree(VENDOR, ignore_errors=True)
        fresh.rename(VENDOR)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _keep_styles_worn(folder: Path) -> None:
    """Take out of its style sheets what no template and no script names: nine tenths of what each page would parse."""
    purge = MODULES / _TOOLS["purgecss"]
    # Paths are patterns there: seen from here, none holds the name of a folder that somebody chose.
    sheets = f"{folder.relative_to(FOLDER.parent)}/*.css"
    what = ("--css", sheets, "--content", *_WEARERS, "--safelist", *_KEPT)
    command = [str(purge), *what, "--output", str(folder)]
    done = subprocess.run(command, check=False, cwd=FOLDER.parent, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.splitlines()  # of which all but one quote the program and the whole sheet
        why = next((line for line in lines if "Error: " in line), lines[-1] if lines else "it says nothing")
        raise AssetsError(f"the style sheets could not be made smaller: {why}")


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
    try:
        vendor()
    except AssetsError as error:
        sys.stderr.write(f"{error}: run `npm ci --ignore-scripts` in ui/ and again\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
