"""How a reference CSMS is set up: data, read once at its start."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from v2x_architecture.ocpp.tls import ServerTls
from v2x_architecture.ocpp.versions import Version

RegistrationStatus = Literal["Accepted", "Pending", "Rejected"]

AuthorizationStatus = Literal[
    "Accepted",
    "Blocked",
    "ConcurrentTx",
    "Expired",
    "Invalid",
    "NoCredit",
    "NotAllowedTypeEVSE",
    "NotAtThisLocation",
    "NotAtThisTime",
    "Unknown",
]


_SECRET = frozenset({"stations", "rest_token", "database"})


class TokenSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An identifier of a driver, as a tokens file or ``set_token`` names it.

    Attributes:
        id_token: the identifier; compared without regard to case, as both versions ask for.
        type: IdTokenEnumType of 2.0.1 (``ISO14443``, ``eMAID``…); None matches any. 1.6 has no types.
        status: what the CSMS answers while the token has not expired.
        group: groupIdToken (2.0.1) and parentIdTag (1.6): tokens of one group may stop each other's transactions.
        group_type: type of the group's identifier, 2.0.1 only.
        expires: from then on the answer is ``Expired``.
        concurrent: whether the token may have several transactions at once; otherwise the second start is answered
            ``ConcurrentTx``.
        evses: EVSEs at which it is allowed (C01.FR.20); None for all, empty for none (``NotAtThisLocation``, C01.FR.22).
        language, personal_message: shown to the driver, 2.0.1 only (C08, I06).
    """

    id_token: str
    type: str | None = None
    status: AuthorizationStatus = "Accepted"
    group: str | None = None
    group_type: str = "Central"
    expires: datetime | None = None
    concurrent: bool = True
    evses: tuple[int, ...] | None = None
    language: str | None = None
    personal_message: str | None = None


class CsmsConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a reference CSMS.

    Attributes:
        host, port: where stations connect; port 0 takes any free one. Loopback unless you say otherwise.
        versions: OCPP versions spoken; of several that a station offers, the station's first choice is taken.
        database: SQLAlchemy URL: ``sqlite+aiosqlite://`` is in memory, a file is ``sqlite+aiosqlite:///csms.db``, PostgreSQL is
            ``postgresql+asyncpg://user:password@host/name``.
        interval: heartbeat interval given to accepted stations, and the time to the next BootNotification for others (s).
        boot: registration status for stations that no policy names.
        allow_unknown: serve stations whose identity is in neither `stations` nor the store; otherwise they get HTTP 404.
        serve_unregistered: answer the CALLs of a station that this CSMS has never seen boot. 2.0.1 wants SecurityError
            (B01.FR.10); a CSMS with an empty store in front of stations that merely reconnect may want to serve them.
        stations: identities that may connect besides those in the store, with their passwords: bytes as they are, text as UTF-8,
            empty for none. Never stored as they are: the store holds salted hashes of what was changed over OCPP (A01.FR.08).
        security_profile: 0 none (a password is checked where one is known), 1 Basic authentication, 2 the same over TLS,
            3 TLS with client certificates (A00).
        tls: files of the TLS server, needed for profiles 2 and 3; for 3 with the roots of station certificates.
        organization: O of the subject that station certificates must carry (A00.FR.404); None does not check.
        common_names: station identity to CN, where the CN of its certificate, its serial number, is another (A00.FR.405).
        tokens: identifiers known from the start.
        unknown_identifier: status for identifiers that nobody told the CSMS of: ``Invalid`` or ``Unknown``; ``Accepted`` lets
            anybody charge.
        charging_needs: what is answered to the charging needs of an EV (2.0.1 K15): ``Accepted``, then a schedule follows at
            once; ``Processing``, then it follows after ``schedule_s``; ``Rejected``, and none does.
        schedule_s: how long a schedule takes that is being processed (s).
        energy_price: price of a kWh for the totalCost of ended transactions (I03); None leaves totalCost out.
        call_timeout: how long a station may take to answer a CALL (s).
        ping_interval: WebSocket keepalive (s); None for none.
        compression: accept permessage-deflate, which 2.0.1 wants a CSMS to (part 4, 3.4); casts of our own go without.
        validate: check CALLs and answers of stations, and our own, against the schemas.
        rest_host, rest_port: where the REST API listens; port None for no API, 0 for any free port.
        rest_token: bearer token that the REST API asks for; None leaves it open.
    """

    host: str = "127.0.0.1"
    port: int = 0
    versions: tuple[Version, ...] = ("2.0.1", "1.6")
    database: str = "sqlite+aiosqlite://"
    interval: int = 300
    boot: RegistrationStatus = "Accepted"
    allow_unknown: bool = True
    serve_unregistered: bool = False
    stations: dict[str, bytes | str] = {}
    security_profile: Literal[0, 1, 2, 3] = 0
    tls: ServerTls | None = None
    organization: str | None = None
    common_names: dict[str, str] = {}
    tokens: tuple[TokenSpec, ...] = ()
    unknown_identifier: AuthorizationStatus = "Invalid"
    charging_needs: Literal["Accepted", "Processing", "Rejected"] = "Rejected"
    schedule_s: float = 10.0
    energy_price: float | None = None
    call_timeout: float = 30.0
    ping_interval: float | None = None
    compression: bool = True
    validate: bool = True
    rest_host: str = "127.0.0.1"
    rest_port: int | None = None
    rest_token: str | None = None

    def __repr__(self) -> str:
        """Leave out what must not be in a log: passwords, the bearer token, the database's URL."""
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name not in _SECRET)
        return f"CsmsConfig({', '.join(shown)})"
