"""Anhui's clients open a page: address + Base64(Base64(query)).

There is no signature, so the service stays marked as reported by the citizen.
"""

import base64
import binascii
from urllib.parse import parse_qsl

from haochaping.exchange.rules import NotReadable, fields


def query(encoded: str) -> dict[str, str]:
    """Return the fields of a doubly encoded query; raises NotReadable."""
    try:
        inner = base64.b64decode(encoded.replace(" ", "+"), validate=True)
        text = base64.b64decode(inner, validate=True).decode()
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=100)
    except (binascii.Error, ValueError):
        raise NotReadable from None
    return fields(pairs)
