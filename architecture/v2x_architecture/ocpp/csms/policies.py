"""What testers tell a reference CSMS to do differently from its own judgement: data, gone when it stops."""

from __future__ import annotations

from typing import Any

import msgspec

from v2x_architecture.ocpp.csms.config import AuthorizationStatus, RegistrationStatus
from v2x_architecture.ocpp.csms.errors import InvalidPolicy
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload


class _Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: an unknown member is a mistake of the tester's, said at once."""


class BootPolicy(_Policy, frozen=True):
    """How the next BootNotifications are answered.

    Attributes:
        status: the registration status.
        interval: heartbeat interval, or time to the next BootNotification (s); None leaves the configured one.
    """

    status: RegistrationStatus = "Accepted"
    interval: int | None = None


class AnswerPolicy(_Policy, frozen=True):
    """Answer CALLs of one action differently; the CALL itself is processed as ever.

    Attributes:
        action: which CALLs.
        payload: the whole answer, when given.
        merge: JSON merge patch (RFC 7396) on the CSMS's own answer, when given: null removes a member.
        station: only this station's; None for any.
        times: so many CALLs; 0 for all from now on.
        delay: answer so much later (s).
    """

    action: str
    payload: Payload | None = None
    merge: Payload | None = None
    station: str | None = None
    times: int = 1
    delay: float = 0.0


class RefusePolicy(_Policy, frozen=True):
    """Refuse CALLs of one action with CALLERROR; they are not processed.

    Attributes:
        code: error code, by its 2.x name.
        description: ErrorDescription.
        action, station, times, delay: as in `AnswerPolicy`.
    """

    action: str
    code: str = "InternalError"
    description: str = ""
    station: str | None = None
    times: int = 1
    delay: float = 0.0


class VendorPolicy(_Policy, frozen=True):
    """A vendor-specific DataTransfer that the CSMS knows.

    Attributes:
        vendor: vendorId.
        message: messageId; None knows them all.
        status: DataTransferStatus of the answer.
        data: data of the answer, if any.
    """

    vendor: str
    message: str | None = None
    status: str = "Accepted"
    data: Any = None


class Policies:
    """The policies in force.

    ======================  ==========================================================================================
    name                    value
    ======================  ==========================================================================================
    ``answer``              `AnswerPolicy`; several for one action are used one after another
    ``refuse``              `RefusePolicy`; the same
    ``interval``            heartbeat and boot interval for stations without a boot policy (s); null: the configured
    ``total_cost``          totalCost of ended transactions, 2.0.1; null: from the configured price. Also ``totalCost``
    ``unknown_identifier``  status for unknown identifiers; null: the configured
    ``certificate``         certificateStatus for contract certificates (C07); null: ``CertChainError``, no root is known
    ``data_transfer``       `VendorPolicy`; one a vendor and message
    ``clear``               any value: forget all policies
    ======================  ==========================================================================================
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all policies."""
        self.interval: int | None = None
        self.total_cost: float | None = None
        self.unknown_identifier: AuthorizationStatus | None = None
        self.certificate: str | None = None
        self._boots: dict[str | None, BootPolicy] = {}
        self._answers: dict[str, list[AnswerPolicy | RefusePolicy]] = {}
        self._vendors: dict[tuple[str, str | None], VendorPolicy] = {}

    def set(self, name: str, value: Any) -> None:
        """Put a policy in force.

        Raises:
            InvalidPolicy: no policy has that name, or its value is of another shape.
        """
        try:
            match name:
                case "answer":
                    self._queue(msgspec.convert(value, AnswerPolicy))
                case "refuse":
                    self._queue(msgspec.convert(value, RefusePolicy))
                case "interval":
                    self.interval = msgspec.convert(value, int | None)
                case "total_cost" | "totalCost":
                    self.total_cost = msgspec.convert(value, float | None)
                case "unknown_identifier":
                    self.unknown_identifier = msgspec.convert(value, AuthorizationStatus | None)
                case "certificate":
                    self.certificate = msgspec.convert(value, str | None)
                case "data_transfer":
                    vendor = msgspec.convert(value, VendorPolicy)
                    self._vendors[vendor.vendor, vendor.message] = vendor
                case "clear":
                    self.clear()
                case _:
                    raise InvalidPolicy(name, "there is no such policy")
        except msgspec.ValidationError as error:
            raise InvalidPolicy(name, str(error)) from None

    def set_boot(self, station: str | None, policy: BootPolicy) -> None:
        """Answer the next BootNotifications of a station so; None for every station without a policy of its own."""
        self._boots[station] = policy

    def boot(self, station: str) -> BootPolicy | None:
        """Return the boot policy for a station."""
        return self._boots.get(station) or self._boots.get(None)

    def vendor(self, vendor: str, message: str | None) -> VendorPolicy | None:
        """Return what is known of a vendor's message."""
        return self._vendors.get((vendor, message)) or self._vendors.get((vendor, None))

    def knows_vendor(self, vendor: str) -> bool:
        """Whether any message of the vendor is known."""
        return any(known == vendor for known, _ in self._vendors)

    def take(self, station: str, action: str) -> AnswerPolicy | RefusePolicy | None:
        """Return the policy for a CALL that has just come, and count it as used."""
        queue = self._answers.get(action, [])
        for position, policy in enumerate(queue):
            if policy.station in {None, station}:
                if policy.times == 1:
                    del queue[position]
                elif policy.times > 1:
                    queue[position] = msgspec.structs.replace(policy, times=policy.times - 1)
                return policy
        return None

    def _queue(self, policy: AnswerPolicy | RefusePolicy) -> None:
        self._answers.setdefault(policy.action, []).append(policy)

    def forget(self, station: str) -> None:
        """Forget the policies of one station."""
        self._boots.pop(station, None)
        for queue in self._answers.values():
            queue[:] = [policy for policy in queue if policy.station != station]


def refusal(policy: AnswerPolicy | RefusePolicy | None) -> CallRefused | None:
    """Return the CALLERROR that a policy asks for."""
    return CallRefused(policy.code, policy.description) if isinstance(policy, RefusePolicy) else None


def altered(policy: AnswerPolicy | RefusePolicy | None, answer: Payload) -> Payload:
    """Return the answer as the policy wants it."""
    if not isinstance(policy, AnswerPolicy):
        return answer
    if policy.payload is not None:
        answer = policy.payload
    return answer if policy.merge is None else merged(answer, policy.merge)


def merged(target: Any, patch: Any) -> Any:
    """Return ``target`` with a JSON merge patch applied (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
