"""Passwords of stations: what is stored is a salted hash (A01.FR.08)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os

from v2x_architecture.clock import working

# scrypt parameters: about 20 ms. Station passwords are long and random (A00.FR.205), so that more would buy nothing.
_COST, _BLOCK, _PARALLEL = 2**12, 8, 1


def is_secret(name: object) -> bool:
    """Whether a variable or configuration key of that name holds a credential."""
    return isinstance(name, str) and name.casefold() in {"basicauthpassword", "authorizationkey"}


async def hashed(password: bytes) -> str:
    """Return a salted hash of a password."""
    salt = os.urandom(16)
    with working():
        digest = await asyncio.to_thread(_scrypt, password, salt)
    return f"scrypt${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


async def matches(password: bytes, stored: str) -> bool:
    """Whether a password has that hash."""
    _, salt, digest = stored.split("$")
    with working():
        computed = await asyncio.to_thread(_scrypt, password, base64.b64decode(salt))
    return hmac.compare_digest(computed, base64.b64decode(digest))


def same(password: bytes, configured: bytes | str) -> bool:
    """Whether a password is the configured one, told in constant time."""
    return hmac.compare_digest(password, configured.encode() if isinstance(configured, str) else configured)


def _scrypt(password: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)
