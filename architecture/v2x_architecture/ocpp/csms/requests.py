"""What an operator wants of a station, said as the CALLs of each version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Protocol

from v2x_architecture.ocpp.csms.tables import Token, Transaction
from v2x_architecture.ocpp.csms.tokens import Authorization, id_tag_info, id_token_info
from v2x_architecture.ocpp.messages import Payload

type Request = tuple[str, Payload]
"""Action and payload of a CALL."""


class Requests(Protocol):
    """The CALLs of one version."""

    def read(self, variables: Sequence[Payload], limit: int | None) -> Iterator[Request]:
        """Ask for the values of variables, no more than `limit` in one message (B06.FR.05; 1.6 5.8)."""
        ...

    def write(self, values: Sequence[Payload], limit: int | None) -> Iterator[Request]:
        """Set variables, no more than `limit` in one message (B05.FR.11)."""
        ...

    def results(self, answer: Payload) -> list[Payload]:
        """Return the results in an answer to either."""
        ...

    def local_list(self, entries: Sequence[Payload], version: int, *, full: bool) -> Request:
        """Send a local authorization list (D01; 1.6 5.15)."""
        ...

    def local_list_entry(self, token: Token | str) -> Payload:
        """Return an entry of the list; an identifier alone takes it out."""
        ...

    def set_profile(self, evse: int, profile: Payload) -> Request:
        """Set a charging profile (K01; 1.6 5.16)."""
        ...

    def clear_profiles(self, profile: int | None, evse: int | None, purpose: str | None, stack_level: int | None) -> Request:
        """Clear charging profiles (K10; 1.6 5.5)."""
        ...

    def remote_start(self, token: Token, evse: int | None, number: int, profile: Payload | None) -> Request:
        """Start a transaction (F01, F02; 1.6 5.11)."""
        ...

    def remote_stop(self, transaction: Transaction) -> Request:
        """Stop a transaction (F03; 1.6 5.12)."""
        ...


class Requests16:
    """The CALLs of 1.6. A variable is ``{"key"}``, a value ``{"key", "value"}``."""

    def read(self, variables: Sequence[Payload], limit: int | None) -> Iterator[Request]:
        """Ask for configuration keys; for all when none is named."""
        keys = [variable["key"] for variable in variables]
        if not keys:
            yield "GetConfiguration", {}
        for batch in batched(keys, limit or len(keys) or 1):
            yield "GetConfiguration", {"key": list(batch)}

    def write(self, values: Sequence[Payload], limit: int | None) -> Iterator[Request]:
        """Set configuration keys."""
        for value in values:
            yield "ChangeConfiguration", {"key": value["key"], "value": value["value"]}

    def results(self, answer: Payload) -> list[Payload]:
        """Return the keys told, the unknown ones by their name alone; a status as it is."""
        if "status" in answer:
            return [answer]
        unknown: list[Payload] = [{"unknownKey": key} for key in answer.get("unknownKey", [])]
        return [*answer.get("configurationKey", []), *unknown]

    def local_list(self, entries: Sequence[Payload], version: int, *, full: bool) -> Request:
        """Send a local authorization list."""
        payload = {"listVersion": version, "updateType": "Full" if full else "Differential"}
        return "SendLocalList", {**payload, "localAuthorizationList": list(entries)}

    def local_list_entry(self, token: Token | str) -> Payload:
        """Return an AuthorizationData."""
        if isinstance(token, str):
            return {"idTag": token}
        return {"idTag": token.id_token, "idTagInfo": id_tag_info(Authorization(token.status, token))}

    def set_profile(self, evse: int, profile: Payload) -> Request:
        """Set a charging profile on a connector."""
        return "SetChargingProfile", {"connectorId": evse, "csChargingProfiles": profile}

    def clear_profiles(self, profile: int | None, evse: int | None, purpose: str | None, stack_level: int | None) -> Request:
        """Clear charging profiles."""
        criteria = {"id": profile, "connectorId": evse, "chargingProfilePurpose": purpose, "stackLevel": stack_level}
        return "ClearChargingProfile", _given(criteria)

    def remote_start(self, token: Token, evse: int | None, number: int, profile: Payload | None) -> Request:
        """Start a transaction on a connector."""
        return "RemoteStartTransaction", {"idTag": token.id_token, **_given({"connectorId": evse, "chargingProfile": profile})}

    def remote_stop(self, transaction: Transaction) -> Request:
        """Stop a transaction."""
        return "RemoteStopTransaction", {"transactionId": transaction.number}


class Requests201:
    """The CALLs of 2.0.1. A variable is a GetVariableData, a value a SetVariableData."""

    def read(self, variables: Sequence[Payload], limit: int | None) -> Iterator[Request]:
        """Ask for variables."""
        for batch in batched(variables, limit or len(variables) or 1):
            yield "GetVariables", {"getVariableData": list(batch)}

    def write(self, values: Sequence[Payload], limit: int | None) -> Iterator[Request]:
        """Set variables."""
        for batch in batched(values, limit or len(values) or 1):
            yield "SetVariables", {"setVariableData": list(batch)}

    def results(self, answer: Payload) -> list[Payload]:
        """Return SetVariableResult or GetVariableResult elements."""
        return [*answer.get("setVariableResult", []), *answer.get("getVariableResult", [])]

    def local_list(self, entries: Sequence[Payload], version: int, *, full: bool) -> Request:
        """Send a local authorization list; an empty one is left out (the schema wants an entry at least)."""
        payload: Payload = {"versionNumber": version, "updateType": "Full" if full else "Differential"}
        return "SendLocalList", {**payload, "localAuthorizationList": list(entries)} if entries else payload

    def local_list_entry(self, token: Token | str) -> Payload:
        """Return an AuthorizationData."""
        if isinstance(token, str):
            return {"idToken": {"idToken": token, "type": "ISO14443"}}
        id_token = {"idToken": token.id_token, "type": token.type or "ISO14443"}
        return {"idToken": id_token, "idTokenInfo": id_token_info(Authorization(token.status, token))}

    def set_profile(self, evse: int, profile: Payload) -> Request:
        """Set a charging profile on an EVSE."""
        return "SetChargingProfile", {"evseId": evse, "chargingProfile": profile}

    def clear_profiles(self, profile: int | None, evse: int | None, purpose: str | None, stack_level: int | None) -> Request:
        """Clear charging profiles."""
        criteria = _given({"evseId": evse, "chargingProfilePurpose": purpose, "stackLevel": stack_level})
        return "ClearChargingProfile", _given({"chargingProfileId": profile, "chargingProfileCriteria": criteria or None})

    def remote_start(self, token: Token, evse: int | None, number: int, profile: Payload | None) -> Request:
        """Start a transaction on an EVSE."""
        id_token = {"idToken": token.id_token, "type": token.type or "ISO14443"}
        payload = {"idToken": id_token, "remoteStartId": number, **_given({"evseId": evse, "chargingProfile": profile})}
        return "RequestStartTransaction", payload

    def remote_stop(self, transaction: Transaction) -> Request:
        """Stop a transaction."""
        return "RequestStopTransaction", {"transactionId": transaction.transaction_id}


def _given(members: Payload) -> Payload:
    return {name: value for name, value in members.items() if value is not None}
