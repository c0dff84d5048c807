"""Secrets of webhooks and tokens of mail links, made from one key in the state directory and kept nowhere.

Trusted for all of them: whoever reads the key can sign as this hub to webhooks, and end or change what mails carry.
"""

import base64
import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from wire.encoding import b64url
from wire.keys import BadKey

KEY_FILE: Final = "subscriptions.key"
KEY_BYTES: Final = 32
MANAGE: Final = "manage"  # the page that mails link to, and one-click unsubscribe
CONFIRM: Final = "confirm"


class DerivedSecrets:
    """Gives the same secret for the same name, always."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def passing(cls) -> "DerivedSecrets":
        """Take a key that ends with this process, where nothing is sent."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def of_directory(cls, directory: Path) -> "DerivedSecrets":
        """Read the key of a state directory, which gets one (mode 0600) if it has none; OSError, BadKey."""
        path = directory / KEY_FILE
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(KEY_BYTES) + "\n", encoding="ascii")
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except ValueError:  # bytes that are no text among them
            key = b""
        if len(key) != KEY_BYTES:
            raise BadKey(
                f"{path} must hold {KEY_BYTES} bytes in hexadecimal and holds others; restore it from a backup, or "
                "remove it: then every webhook has another secret, and links in mails sent before end"
            )
        return cls(key)

    def webhook_secret(self, subscription: str, number: int) -> str:
        """Give a webhook's secret in the form of Standard Webhooks; each `number` has another one."""
        return "whsec_" + base64.b64encode(self._mac(f"webhook {subscription} {number}")).decode()

    def token(self, purpose: str, target: str) -> str:
        """Give the token that a link in a mail carries."""
        return f"{target}.{b64url(self._mac(f'{purpose} {target}'))}"

    def target_of(self, purpose: str, token: str) -> str | None:
        """Give the target whose token this is; None if it is none of ours, or for another purpose."""
        if not token.isascii():
            return None
        target = token.partition(".")[0]
        return target if hmac.compare_digest(self.token(purpose, target), token) else None

    def _mac(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "replace"), hashlib.sha256)
