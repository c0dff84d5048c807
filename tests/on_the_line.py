"""What an answer is on the line, before anybody unpacks it."""

from fastapi.testclient import TestClient
from httpx2 import Headers


def on_the_line(client: TestClient, address: str, encodings: str, **headers: str) -> tuple[bytes, Headers]:
    """Give the bytes and headers that are sent to a reader who can unpack `encodings`."""
    with client.stream("GET", address, headers={"Accept-Encoding": encodings, **headers}) as answer:
        return b"".join(answer.iter_raw()), answer.headers
