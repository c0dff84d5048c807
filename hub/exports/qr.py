"""A contact's card as a QR code, drawn as SVG."""

import io
from typing import Final

import segno

MEDIA_TYPE: Final = "image/svg+xml"
_SCALE: Final = 4


def qr_svg(card: bytes, title: str) -> bytes:
    """Draw a card; `title` is what a screen reader says. Dark on white, whatever the page around it looks like."""
    out = io.BytesIO()
    code = segno.make_qr(card.decode(), error="m", encoding="utf-8")
    code.save(out, kind="svg", scale=_SCALE, border=4, light="#fff", title=title, nl=False)
    return out.getvalue()
