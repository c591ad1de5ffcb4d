"""Which stations may connect (functional block A, OCPP-J 3.2)."""

from __future__ import annotations

from http import HTTPStatus

from cryptography import x509
from cryptography.x509.oid import NameOID

from v2x_architecture.ocpp.csms.config import CsmsConfig
from v2x_architecture.ocpp.csms.credentials import matches, same
from v2x_architecture.ocpp.csms.store import Store
from v2x_architecture.ocpp.csms.tables import Station
from v2x_architecture.ocpp.csms.wire import storable
from v2x_architecture.ocpp.server import Refusal


class Admission:
    """Decides about opening handshakes."""

    def __init__(self, config: CsmsConfig, store: Store) -> None:
        self._config = config
        self._store = store

    async def admit(self, identity: str, password: bytes | None, certificate: x509.Certificate | None) -> bool | Refusal:
        """Decide about one handshake.

        Args:
            identity: of the connection URL, decoded.
            password: of HTTP Basic authentication, None without.
            certificate: of the TLS client, already verified against the roots; None without.
        """
        if identity != storable(identity):
            return Refusal(HTTPStatus.NOT_FOUND, "no identity that a charging station could have")
        row = await self._store.run(lambda db: db.get(Station, identity))
        if row is None and identity not in self._config.stations and not self._config.allow_unknown:
            return Refusal(HTTPStatus.NOT_FOUND, "no such charging station")
        if self._config.security_profile == 3:
            return certificate is not None and self.is_certificate_of(certificate, identity)
        return await self.is_password_of(password, identity, None if row is None else row.password_hash)

    async def is_password_of(self, password: bytes | None, identity: str, stored: str | None) -> bool:
        """Whether a password is the station's (A00.FR.207, A01.FR.03): that set over OCPP, else the configured one."""
        configured = self._config.stations.get(identity) or None
        if stored is None and configured is None:
            return self._config.security_profile == 0
        if password is None:
            return False
        if stored is not None:
            return await matches(password, stored)
        return configured is not None and same(password, configured)

    def is_certificate_of(self, certificate: x509.Certificate, identity: str) -> bool:
        """Whether a certificate is the station's (A00.FR.404, A00.FR.405)."""
        expected = self._config.common_names.get(identity, identity)
        if common_name(certificate) != expected:
            return False
        organizations = [attribute.value for attribute in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
        return self._config.organization is None or self._config.organization in organizations


def common_name(certificate: x509.Certificate) -> str | None:
    """Return the CN of a certificate's subject."""
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        return attribute.value if isinstance(attribute.value, str) else None
    return None
