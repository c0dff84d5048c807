"""Collects every text of the pages into the catalogues: `python -m tests.messages` after a text has changed."""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import schemas.body  # noqa: F401 - with it, all say what their patterns mean
from schemas.codelists import SCHEMES, THEME_SCHEMES, labels, regions
from schemas.codelists.ratings import rating_scales
from schemas.field_names import all_field_help, all_field_names
from schemas.forms import FORMS
from tests.docs.project import ROOT
from ui.languages import DEFAULT
from ui.languages import LANGUAGES as OFFERED

LANGUAGES = tuple(each.tag for each in OFFERED if each.tag != DEFAULT)
# Arabic has six forms; the order is GNU's and CLDR's. Babel's own rule for it exchanges the last two.
PLURALS = {
    "fr": (2, "(n > 1)"),
    "ar": (6, "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5"),
    "es": (2, "(n != 1)"),
    "ru": (3, "n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2"),
    "zh": (1, "0"),
}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "N_": None, "sentence": None}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
OPTIONS = {name: {"extensions": "jinja2.ext.do", "newstyle_gettext": "true"} for name in ("**/templates/**.html",)}
# Code lists with a life of their own in the pages; the long technical ones stay in English.
LISTS = (
    "theme_1373", "need_status", "assistance_mode", "contact_role", "link_type", "consent", "plan_theme",
    "treaty_action", "activity_status", "iati_scope", "iati_org_type", "iati_org_role", "iati_date_type",
    "assessment_type", "framework", "level", "need_origin", "trend", "resource_type", "legal_force",
    "priority_status", "action_status", "implementation", "phone_feature", "pack_part", "card_kind", "visibility",
    "ct_instrument", "address_context", "share_band",
)  # fmt: skip

# Where a code names its list, forms group the codes by list.
TITLES = (
    *THEME_SCHEMES,
    *(name for name in ("ct_instrument", "dac_crs", "iati_org_type") if name not in THEME_SCHEMES),
)


def collect(package: str) -> Catalog:
    """Give all texts of a package, in the order of its files."""
    found = Catalog(domain="messages", charset="utf-8")
    if package == "schemas":
        _add_vocabulary(found)
    for name, _line, message, comments, context in extract_from_dir(
        ROOT / package, METHODS, OPTIONS, KEYWORDS, ("Translators:",), strip_comment_tags=True
    ):
        found.add(message, None, [(f"{package}/{name}", 0)], auto_comments=comments, context=context)
    return found


def _add_vocabulary(found: Catalog) -> None:
    """Add what records are made of: codes, fields, regions."""
    for name in LISTS:
        for text in labels(name).values():
            found.add(text, locations=[(f"schemas/codelists/data/{name}.tsv", 0)])
    for text in (text for scale in rating_scales().values() for text in scale.labels.values()):
        found.add(text, locations=[("schemas/codelists/data/rating_scale.tsv", 0)])
    for text in (*all_field_names(), *all_field_help()):
        found.add(text, locations=[("schemas/field_names.py", 0)])
    for name in TITLES:
        found.add(SCHEMES[name].title, locations=[("schemas/codelists", 0)])
    for text in sorted(set(FORMS.values())):
        found.add(text, locations=[("schemas/forms.py", 0)])
    for region in regions().values():
        found.add(region.name, locations=[("schemas/codelists/data/region.tsv", 0)])


def catalogue(package: str, language: str) -> Path:
    """Give where the texts of a package are in a language."""
    return ROOT / package / "locale" / f"{language}.po"


def updated(package: str, language: str, collected: Catalog) -> bytes:
    """Give the catalogue with what was collected and what was translated before; what is no longer said goes."""
    path = catalogue(package, language)
    forms, rule = PLURALS[language]
    before = read_po(BytesIO(path.read_bytes()), locale=language) if path.is_file() else None
    after = Catalog(locale=language, domain="messages", charset="utf-8", header_comment=f"# {package}: {language}")
    for message in sorted(collected, key=lambda each: (sorted(each.locations), str(each.id))):
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, tuple) else message.id
        old = before.get(key, message.context) if before else None
        string = old.string if old is not None else ("",) * forms if isinstance(message.id, tuple) else ""
        files = sorted({(name, 0) for name, _ in message.locations})
        after.add(message.id, string, files, flags=message.flags, context=message.context)
    written = BytesIO()
    write_po(written, after, width=120, omit_header=True, include_lineno=False)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: nplurals={forms}; plural={rule};\\n"\n\n'
    )
    return header.encode() + written.getvalue()


PACKAGES = ("ui", "schemas", "wire", "people", "hub", "node")


def main() -> int:
    """Write all catalogues anew; say how much of each is translated."""
    for package in PACKAGES:
        collected = collect(package)
        for language in LANGUAGES:
            path = catalogue(package, language)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(updated(package, language, collected))
            entries = [each for each in read_po(BytesIO(path.read_bytes()), locale=language) if each.id]
            done = sum(1 for each in entries if all(each.string if isinstance(each.string, tuple) else [each.string]))
            sys.stdout.write(f"{path.relative_to(ROOT)}: {done} of {len(entries)} texts\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
