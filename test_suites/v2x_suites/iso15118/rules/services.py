"""Services and payment: what is offered, what is chosen of it, and over what connection."""

from __future__ import annotations

from v2x_harness.finding import Layer

from v2x_suites.iso15118.rules.choices import Choice, judge_choice, judge_consent
from v2x_suites.iso15118.rules.looking import GOOD, Found, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

_CONTRACTS = ("Contract", "PnC")
_PAYMENTS = ("ServicePaymentSelectionReq", "PaymentServiceSelectionReq", "AuthorizationReq")
# What a DC service of DIN SPEC 70121 and 15118-2 covers beside itself.
_COVERS = {
    "DC_dual": {"DC_core", "DC_extended"},
    "AC_core1p_DC_extended": {"AC_single_phase_core", "DC_extended"},
    "AC_single_DC_core": {"AC_single_phase_core", "DC_core"},
    "AC_single_phase_three_phase_core_DC_extended": {"AC_single_phase_core", "AC_three_phase_core", "DC_extended"},
    "AC_core3p_DC_extended": {"AC_three_phase_core", "DC_extended"},
}


@look(
    "services.contract_offered",
    Layer.SECURITY,
    "Contract.offered",
    at=("ServiceDiscoveryRes", "AuthorizationSetupRes"),
    party=SECC,
)
def contract_offered(session: Session, said: Said) -> Found:
    """An SECC offers payment by contract over TLS only."""
    offered = _offered_payments(said)
    if session.tls is None or offered is None:
        return None
    if session.tls["secc"] or not set(_CONTRACTS) & set(offered):
        return GOOD
    where = said.at("PaymentOptionList", "PaymentOptions")
    return [Problem(contract_offered.info, "it offers payment by contract without TLS", where, "TLS", " ".join(offered))]


@look(
    "services.contract_chosen",
    Layer.SECURITY,
    "Contract.chosen",
    at=_PAYMENTS,
    party=EVCC,
)
def contract_chosen(session: Session, said: Said) -> Found:
    """An EVCC chooses payment by contract over TLS only."""
    wanted = _payment(said)
    if session.tls is None or not wanted:
        return None
    if session.tls["evcc"] or wanted not in _CONTRACTS:
        return GOOD
    where = said.at("SelectedPaymentOption", "SelectedAuthorizationService")
    return [Problem(contract_chosen.info, "it chooses payment by contract without TLS", where, "TLS", wanted)]


@look(
    "services.payment",
    Layer.SEMANTICS,
    "payment.offered",
    at=_PAYMENTS,
    party=EVCC,
)
def payment(session: Session, said: Said) -> Found:
    """An EVCC chooses a way to pay that was offered."""
    where = said.at("SelectedPaymentOption", "SelectedAuthorizationService")
    return judge_choice(payment.info, _payment_choice(session, said), where)


@look(
    "services.payment_accepted",
    Layer.SEMANTICS,
    "payment.accepted",
    at=("ServicePaymentSelectionRes", "PaymentServiceSelectionRes", "AuthorizationRes"),
    party=SECC,
)
def payment_accepted(session: Session, said: Said) -> Found:
    """An SECC does not say OK to a way to pay that it has not offered."""
    # A warning is the refusal of 15118-20.
    choice = _payment_choice(session, said.request)
    if choice is not None and not choice.good and said.code.startswith("WARNING"):
        return GOOD
    return judge_consent(payment_accepted.info, choice, said, "FAILED")


@look(
    "services.energy",
    Layer.SEMANTICS,
    "energy-transfer.offered",
    at=("ChargeParameterDiscoveryReq", "ServiceSelectionReq"),
    party=EVCC,
)
def energy(session: Session, said: Said) -> Found:
    """An EVCC asks for a way of energy transfer that was offered."""
    where = said.at("RequestedEnergyTransferMode", "EVRequestedEnergyTransferType", "ServiceID")
    return judge_choice(energy.info, _energy_choice(session, said), where)


@look(
    "services.energy_accepted",
    Layer.SEMANTICS,
    "energy-transfer.accepted",
    at=("ChargeParameterDiscoveryRes", "ServiceSelectionRes"),
    party=SECC,
)
def energy_accepted(session: Session, said: Said) -> Found:
    """An SECC does not say OK to a way of energy transfer that it has not offered."""
    return judge_consent(energy_accepted.info, _energy_choice(session, said.request), said, "FAILED")


@look(
    "services.receipt",
    Layer.SEMANTICS,
    "MeteringReceipt.external",
    at=("ChargingStatusRes", "CurrentDemandRes"),
    party=SECC,
    versions=("2",),
)
def receipt(session: Session, said: Said) -> Found:
    """An SECC asks for metering receipts where there is a contract only."""
    if not session.payment or said.true("ReceiptRequired") is None:
        return None
    if session.payment in _CONTRACTS or not said.true("ReceiptRequired"):
        return GOOD
    if not session.once(receipt.info.id):
        return GOOD
    words = f"a receipt is asked for with {session.payment}"
    return [Problem(receipt.info, words, said.at("ReceiptRequired"), "false", "true")]


def _offered_payments(said: Said | None) -> list[str] | None:
    """Return the ways to pay that a response offers; None where it offers none."""
    if said is None:
        return None
    body = said.body
    options = getattr(body, "PaymentOptionList", None) or getattr(body, "PaymentOptions", None)
    found = getattr(options, "PaymentOption", None)
    found = getattr(body, "AuthorizationServices", None) if found is None else found
    return list(found) if found else None


def _payment(said: Said) -> str:
    return said.text("SelectedPaymentOption") or said.text("SelectedAuthorizationService")


def _payment_choice(session: Session, said: Said | None) -> Choice | None:
    """Return the way to pay that is chosen, and what was offered; None where that is not known."""
    told = session.last.get("AuthorizationSetupRes") or session.last.get("ServiceDiscoveryRes")
    offered, wanted = _offered_payments(told), _payment(said) if said is not None else ""
    return Choice(wanted, offered) if offered and wanted else None


def _energy_choice(session: Session, said: Said | None) -> Choice | None:
    """Return the way of energy transfer that is asked for, and what was offered; None where that is not known."""
    told = session.last.get("ServiceDiscoveryRes")
    if told is None or said is None:
        return None
    body = told.body
    if said.name == "ServiceSelectionReq":
        service = getattr(getattr(said.body, "SelectedEnergyTransferService", None), "ServiceID", None)
        listed = getattr(getattr(body, "EnergyTransferServiceList", None), "Service", None)
        if service is None or not listed:
            return None
        return Choice(f"service {service}", sorted({f"service {each.ServiceID}" for each in listed}))
    wanted = said.text("RequestedEnergyTransferMode") or said.text("EVRequestedEnergyTransferType")
    charge = getattr(body, "ChargeService", None)
    one = getattr(charge, "EnergyTransferType", "")
    several = getattr(getattr(charge, "SupportedEnergyTransferMode", None), "EnergyTransferMode", ())
    offered = {one, *_COVERS.get(one, ())} if one else set(several)
    return Choice(wanted, sorted(offered)) if wanted and offered else None


LOOKS = (
    contract_offered,
    contract_chosen,
    payment,
    payment_accepted,
    energy,
    energy_accepted,
    receipt,
)
