"""A logged event as subscribers get it: a structured CloudEvent, on the bus and over HTTP alike."""

from wire import jws

CONTENT_TYPE = "application/cloudevents+json"


def cloudevent(token: bytes, index: int, lastindex: int, body: bytes | None) -> bytes:
    """Give the statement's attributes, the body as `data` (absent if excluded or erased), and our extensions."""
    attributes = jws.take_apart(token, jws.EVENT).payload
    extensions = f',"token":"{token.decode()}","index":{index},"lastindex":{lastindex}'.encode()
    data = b"" if body is None else b',"data":' + body
    return attributes[:-1] + extensions + data + b"}"
