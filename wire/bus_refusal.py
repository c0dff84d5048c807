"""Tells by a bus's words whether it does not accept a key, which waiting does not change."""


def refuses_key(said: str) -> bool:
    """Whether a server that ends a connection with these words does not know its key, or not any more."""
    said = said.lower()
    return "authorization" in said or "authentication" in said
