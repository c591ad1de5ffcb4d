"""Octets as people and tools write them: hexadecimal, in either case, with or without separators and ``0x``."""

from __future__ import annotations

import re
from typing import Final

_SEPARATORS: Final = re.compile(r"0[xX]|\\x|[\s:,;_-]")
_NONE: Final = re.compile(r"[^0-9a-fA-F]")


def octets(text: str) -> bytes:
    """Return the octets that a text stands for.

    Raises:
        ValueError: it stands for none: what is wrong with it.
    """
    digits = _SEPARATORS.sub("", text)
    if strange := _NONE.search(digits):
        raise ValueError(f"{strange.group()!r} is no hexadecimal digit")
    if len(digits) % 2:
        raise ValueError(f"{len(digits)} hexadecimal digits are an odd number; an octet is two")
    return bytes.fromhex(digits)
