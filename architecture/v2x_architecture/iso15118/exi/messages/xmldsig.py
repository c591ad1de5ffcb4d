"""http://www.w3.org/2000/09/xmldsig#.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

import msgspec

from v2x_architecture.iso15118.exi.nodes import Child


class SignatureType(msgspec.Struct, kw_only=True):
    """Content of the element ``Signature``.

    Attributes:
        Id: attribute.
    """

    SignedInfo: SignedInfoType
    SignatureValue: SignatureValueType
    KeyInfo: KeyInfoType | None = None
    Object: list[ObjectType] = []
    Id: str | None = None


class SignedInfoType(msgspec.Struct, kw_only=True):
    """Content of the element ``SignedInfo``.

    Attributes:
        Id: attribute.
    """

    CanonicalizationMethod: CanonicalizationMethodType
    SignatureMethod: SignatureMethodType
    Reference: list[ReferenceType]
    Id: str | None = None


class CanonicalizationMethodType(msgspec.Struct, kw_only=True):
    """Content of the element ``CanonicalizationMethod``.

    Attributes:
        content: text and elements in order.
        Algorithm: attribute.
    """

    content: list[Child | str] = []
    Algorithm: str


class SignatureMethodType(msgspec.Struct, kw_only=True):
    """Content of the element ``SignatureMethod``.

    Attributes:
        content: text and elements in order.
        Algorithm: attribute.
    """

    content: list[Child | str] = []
    Algorithm: str


class ReferenceType(msgspec.Struct, kw_only=True):
    """Content of the element ``Reference``.

    Attributes:
        Id: attribute.
        Type: attribute.
        URI: attribute.
    """

    Transforms: TransformsType | None = None
    DigestMethod: DigestMethodType
    DigestValue: bytes
    Id: str | None = None
    Type: str | None = None
    URI: str | None = None


class TransformsType(msgspec.Struct, kw_only=True):
    """Content of the element ``Transforms``."""

    Transform: list[TransformType]


class TransformType(msgspec.Struct, kw_only=True):
    """Content of the element ``Transform``.

    Attributes:
        content: text and elements in order.
        Algorithm: attribute.
    """

    content: list[Child | str] = []
    Algorithm: str


class DigestMethodType(msgspec.Struct, kw_only=True):
    """Content of the element ``DigestMethod``.

    Attributes:
        content: text and elements in order.
        Algorithm: attribute.
    """

    content: list[Child | str] = []
    Algorithm: str


class SignatureValueType(msgspec.Struct, kw_only=True):
    """Content of the element ``SignatureValue``.

    Attributes:
        Id: attribute.
    """

    value: bytes
    Id: str | None = None


class KeyInfoType(msgspec.Struct, kw_only=True):
    """Content of the element ``KeyInfo``.

    Attributes:
        content: text and elements in order.
        Id: attribute.
    """

    content: list[Child | str] = []
    Id: str | None = None


class KeyValueType(msgspec.Struct, kw_only=True):
    """Content of the element ``KeyValue``.

    Attributes:
        content: text and elements in order.
    """

    content: list[Child | str] = []


class DSAKeyValueType(msgspec.Struct, kw_only=True):
    """Content of the element ``DSAKeyValue``."""

    P: bytes | None = None
    Q: bytes | None = None
    G: bytes | None = None
    Y: bytes
    J: bytes | None = None
    Seed: bytes | None = None
    PgenCounter: bytes | None = None


class RSAKeyValueType(msgspec.Struct, kw_only=True):
    """Content of the element ``RSAKeyValue``."""

    Modulus: bytes
    Exponent: bytes


class RetrievalMethodType(msgspec.Struct, kw_only=True):
    """Content of the element ``RetrievalMethod``.

    Attributes:
        Type: attribute.
        URI: attribute.
    """

    Transforms: TransformsType | None = None
    Type: str | None = None
    URI: str | None = None


class X509DataType(msgspec.Struct, kw_only=True):
    """Content of the element ``X509Data``.

    Attributes:
        content: text and elements in order.
    """

    content: list[Child | str] = []


class X509IssuerSerialType(msgspec.Struct, kw_only=True):
    """Content of the element ``X509IssuerSerial``."""

    X509IssuerName: str
    X509SerialNumber: int


class PGPDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``PGPData``.

    Attributes:
        content: text and elements in order.
    """

    content: list[Child | str] = []


class SPKIDataType(msgspec.Struct, kw_only=True):
    """Content of the element ``SPKIData``.

    Attributes:
        content: text and elements in order.
    """

    content: list[Child | str] = []


class ObjectType(msgspec.Struct, kw_only=True):
    """Content of the element ``Object``.

    Attributes:
        content: text and elements in order.
        Encoding: attribute.
        Id: attribute.
        MimeType: attribute.
    """

    content: list[Child | str] = []
    Encoding: str | None = None
    Id: str | None = None
    MimeType: str | None = None


class ManifestType(msgspec.Struct, kw_only=True):
    """Content of the element ``Manifest``.

    Attributes:
        Id: attribute.
    """

    Reference: list[ReferenceType]
    Id: str | None = None


class SignaturePropertiesType(msgspec.Struct, kw_only=True):
    """Content of the element ``SignatureProperties``.

    Attributes:
        Id: attribute.
    """

    SignatureProperty: list[SignaturePropertyType]
    Id: str | None = None


class SignaturePropertyType(msgspec.Struct, kw_only=True):
    """Content of the element ``SignatureProperty``.

    Attributes:
        content: text and elements in order.
        Id: attribute.
        Target: attribute.
    """

    content: list[Child | str] = []
    Id: str | None = None
    Target: str
