"""The reference CSMS: one server for OCPP 1.6J and 2.0.1, its store, its operator's verbs and its REST API."""

from v2x_architecture.ocpp.csms.config import CsmsConfig, TokenSpec
from v2x_architecture.ocpp.csms.csms import ReferenceCsms
from v2x_architecture.ocpp.csms.errors import (
    CallNotAllowed,
    CsmsError,
    InvalidPolicy,
    NotPossible,
    StationNotConnected,
    StoreUnusable,
    UnknownStation,
)

__all__ = [
    "CallNotAllowed",
    "CsmsConfig",
    "CsmsError",
    "InvalidPolicy",
    "NotPossible",
    "ReferenceCsms",
    "StationNotConnected",
    "StoreUnusable",
    "TokenSpec",
    "UnknownStation",
]
