"""The limit: raw Ed25519 verification by `cryptography`, on all cores, and nothing else."""

import os
import time
from concurrent.futures import ProcessPoolExecutor

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from wire import jws
from wire.examine import Message
from wire.keys import SigningKey

Signed = tuple[bytes, bytes, bytes]  # raw public key, signature, signed bytes


def signed_parts(messages: list[Message], keys: dict[str, SigningKey]) -> list[Signed]:
    """Take the signatures out of events beforehand, so that the limit is verification alone."""
    parts = []
    for message in messages:
        token = jws.take_apart(message.token, jws.EVENT)
        parts.append((keys[message.organization].public.raw, token.signature, token.signed))
    return parts


def verify_all(parts: list[Signed], rounds: int) -> float:
    """Verify each part `rounds` times; gives the seconds it took."""
    keys = {raw: Ed25519PublicKey.from_public_bytes(raw) for raw, _, _ in parts}
    begun = time.perf_counter()
    for _ in range(rounds):
        for raw, signature, signed in parts:
            keys[raw].verify(signature, signed)
    return time.perf_counter() - begun


def verifications_per_second(pool: ProcessPoolExecutor, parts: list[Signed], rounds: int) -> float:
    """Verify on all cores at once."""
    cores = os.cpu_count() or 1
    begun = time.perf_counter()
    for done in [pool.submit(verify_all, parts, rounds) for _ in range(cores)]:
        done.result()
    return cores * rounds * len(parts) / (time.perf_counter() - begun)
