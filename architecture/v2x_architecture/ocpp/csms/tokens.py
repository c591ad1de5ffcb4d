"""Authorization: what the CSMS thinks of an identifier. The versions differ only in how they say it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.clock import Clock
from v2x_architecture.ocpp.csms.config import AuthorizationStatus, CsmsConfig, TokenSpec
from v2x_architecture.ocpp.csms.policies import Policies
from v2x_architecture.ocpp.csms.tables import Token, Transaction
from v2x_architecture.ocpp.csms.wire import stamp, token_key
from v2x_architecture.ocpp.messages import Payload

# Statuses of 2.0.1 that 1.6 has a word for; the rest is Invalid there.
_STATUSES_OF_1_6 = frozenset({"Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"})


@dataclass(frozen=True, slots=True)
class Authorization:
    """The verdict on an identifier.

    Attributes:
        status: AuthorizationStatusEnumType of 2.0.1.
        token: what is known of it, None for an unknown one.
    """

    status: str
    token: Token | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """A transaction that an identifier is about to have.

    Attributes:
        station: its station's identity.
        evse: where, None when the station did not say.
        transaction_id: its id, None while it has none (1.6).
    """

    station: str
    evse: int | None
    transaction_id: str | None = None


class Authorizer:
    """Decides about identifiers."""

    def __init__(self, config: CsmsConfig, policies: Policies, clock: Clock) -> None:
        self._config = config
        self._policies = policies
        self._clock = clock

    async def authorize(self, db: AsyncSession, id_token: str, type_: str | None, start: Start | None = None) -> Authorization:
        """Decide about an identifier.

        Args:
            db: a session of the store.
            id_token: the identifier; case is ignored.
            type_: its IdTokenEnumType, None in 1.6.
            start: the transaction that it starts; only then ConcurrentTx can be the answer.
        """
        if type_ == "NoAuthorization":  # C02.FR.02
            return Authorization("Accepted")
        token = await find_token(db, id_token)
        if token is None or (type_ is not None and token.type not in {None, type_}):
            return Authorization(self.unknown_status())
        status = self.token_status(token)
        if status == "Accepted" and start is not None and not token.concurrent and await self.is_charging(db, token, start):
            status = "ConcurrentTx"
        return Authorization(status, token)

    def unknown_status(self) -> AuthorizationStatus:
        """Return the status of an identifier that nobody told us of."""
        return self._policies.unknown_identifier or self._config.unknown_identifier

    def token_status(self, token: Token) -> str:
        """Return the status of a known identifier, apart from its transactions."""
        if token.status == "Accepted" and token.expires is not None and token.expires <= self._clock.now():
            return "Expired"
        if token.status == "Accepted" and token.evses is not None and not token.evses:
            return "NotAtThisLocation"  # C01.FR.22
        return token.status

    async def is_charging(self, db: AsyncSession, token: Token, start: Start) -> bool:
        """Whether the identifier has an active transaction besides the one that it starts."""
        found = await db.scalars(select(Transaction).where(Transaction.token_key == token.key, Transaction.active.is_(True)))
        return any(
            # A start at the same EVSE tells that the transaction before has ended, whether or not its end has arrived.
            (start.evse is None or (transaction.station, transaction.evse) != (start.station, start.evse))
            and (transaction.station, transaction.transaction_id) != (start.station, start.transaction_id)
            for transaction in found
        )


def id_tag_info(authorization: Authorization) -> Payload:
    """Say a verdict in 1.6's words (IdTagInfo)."""
    info: Payload = {"status": authorization.status if authorization.status in _STATUSES_OF_1_6 else "Invalid"}
    token = authorization.token
    if token is not None and token.group is not None:
        info["parentIdTag"] = token.group
    if token is not None and token.expires is not None:
        info["expiryDate"] = stamp(token.expires)
    return info


def id_token_info(authorization: Authorization) -> Payload:
    """Say a verdict in 2.0.1's words (IdTokenInfoType; C01.FR.20, C09.FR.09)."""
    info: Payload = {"status": authorization.status}
    token = authorization.token
    if token is None:
        return info
    if token.group is not None:
        info["groupIdToken"] = {"idToken": token.group, "type": token.group_type}
    if token.expires is not None:
        info["cacheExpiryDateTime"] = stamp(token.expires)
    if token.evses and authorization.status == "Accepted":
        info["evseId"] = token.evses
    if token.language is not None:
        info["language1"] = token.language
    if token.personal_message is not None:
        info["personalMessage"] = {"format": "UTF8", "content": token.personal_message}
    return info


async def put_token(db: AsyncSession, spec: TokenSpec) -> None:
    """Store an identifier, replacing what was known of it."""
    await db.merge(
        Token(
            key=token_key(spec.id_token),
            id_token=spec.id_token,
            type=spec.type,
            status=spec.status,
            group=spec.group,
            group_type=spec.group_type,
            expires=spec.expires,
            concurrent=spec.concurrent,
            evses=None if spec.evses is None else list(spec.evses),
            language=spec.language,
            personal_message=spec.personal_message,
        )
    )


async def remove_token(db: AsyncSession, id_token: str) -> bool:
    """Forget an identifier; whether it was known."""
    removed = await db.execute(delete(Token).where(Token.key == token_key(id_token)).returning(Token.key))
    return removed.first() is not None


async def find_token(db: AsyncSession, id_token: str) -> Token | None:
    """Return what is known of an identifier."""
    return await db.get(Token, token_key(id_token))
