"""The digest that makes a published version immutable."""

import hashlib


def sha256_of(text: str) -> str:
    """The SHA-256 of a text's UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
