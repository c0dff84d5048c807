"""Bodies for named readers: encrypted by their author, opened by one of them. The form of the result is wire.jwe's."""

from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.errors import JoseError
from joserfc.jwe import GeneralJSONEncryption, JWERegistry, decrypt_json, encrypt_json
from joserfc.jwk import OKPKey
from joserfc.registry import HeaderParameter

from schemas.body import MAX_BYTES, canonical
from wire.jwe import ALGORITHM, ENCRYPTION, MAX_RECIPIENTS, parse_jwe, protected_header
from wire.x25519 import DecryptionKey, checked, jwk_of, thumbprint_of


class NotForUs(ValueError):
    """An encrypted body that names another key than this one."""


class NotOpened(ValueError):
    """An encrypted body that names this key, and cannot be opened with it: made wrongly, or altered."""


class _Registry(JWERegistry):
    """The library's own limits are for tokens; a body may be longer and have more readers."""

    max_protected_header_length = 8192
    max_ciphertext_length = MAX_BYTES


_REGISTRY: Final = _Registry(
    header_registry={"to": HeaderParameter("Named readers", "list[str]", required=True)},
    algorithms=[ALGORITHM, ENCRYPTION],
    max_recipients=MAX_RECIPIENTS,
)


def encrypt(plaintext: bytes, readers: Mapping[str, bytes]) -> bytes:
    """Encrypt a body to all `readers` (X25519 keys of 32 bytes by organization id, the author among them).

    Content key, IV and ephemeral keys are drawn anew each time. BadKey for a key that nobody should encrypt to.
    """
    if not 1 <= len(readers) <= MAX_RECIPIENTS:
        raise ValueError(f"a body has 1 to {MAX_RECIPIENTS} readers, {len(readers)} given")
    named = sorted(readers)
    message = GeneralJSONEncryption(protected_header(named), plaintext)
    for organization in named:
        key = checked(readers[organization])
        header = {"alg": ALGORITHM, "kid": thumbprint_of(key)}
        message.add_recipient(header, OKPKey.import_key(jwk_of(key)))  # type: ignore[arg-type]
    return canonical(encrypt_json(message, None, registry=_REGISTRY))


def decrypt(body: bytes, key: DecryptionKey) -> bytes:
    """Open a body: BadJwe for another form, NotForUs if another key is named, NotOpened if it does not open."""
    form = parse_jwe(body)
    # Its own copy alone is opened: the others are for other keys.
    own = [each for each in form.members["recipients"] if each["header"]["kid"] == key.thumbprint]
    if not own:
        raise NotForUs("the body is encrypted to other keys than this one")
    mine = {**form.members, "recipients": own}
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        opened = decrypt_json(mine, OKPKey.import_key(pem), registry=_REGISTRY).plaintext  # type: ignore[arg-type]
    except (JoseError, ValueError):
        opened = None
    if opened is None:
        raise NotOpened("the body names this node's key, and cannot be opened with it: it was altered or made wrongly")
    return opened
