"""The SECC's state tables: closed, reachable, and with the turns of a session."""

from __future__ import annotations

import pytest
from v2x_architecture.iso15118.editions import Edition
from v2x_architecture.iso15118.exi.messages import din, iso2, iso20_ac, iso20_common_messages, iso20_dc
from v2x_architecture.iso15118.sequences import END, INITIAL, Facts, sequence_of

CLASSES = {
    Edition.DIN: {*vars(din)},
    Edition.ISO2: {*vars(iso2)},
    Edition.ISO20: {*vars(iso20_ac), *vars(iso20_dc), *vars(iso20_common_messages)},
}


@pytest.mark.parametrize("edition", Edition)
def test_every_state_is_led_to_and_every_request_has_a_response_that_leads_on(edition: Edition) -> None:
    sequence = sequence_of(edition)
    assert {row.state for row in sequence.rows} == set(sequence.states)
    assert INITIAL in sequence.states
    assert sequence.takes(END) == frozenset()
    answered = {row.response for row in sequence.rows}
    assert {name.removesuffix("Req") + "Res" for taken in sequence.states.values() for name in taken} <= answered


@pytest.mark.parametrize("edition", Edition)
def test_every_message_is_one_of_the_edition(edition: Edition) -> None:
    names = {name for taken in sequence_of(edition).states.values() for name in taken}
    names |= {row.response for row in sequence_of(edition).rows} - {"supportedAppProtocolRes"}
    # DIN SPEC 70121 calls the type of SessionStopReq SessionStopType.
    assert {name for name in names if not {name, f"{name}Type", f"{name[:-3]}Type"} & CLASSES[edition]} == set()


@pytest.mark.parametrize(
    ("response", "facts", "state"),
    [
        ("PaymentServiceSelectionRes", Facts(payment="ExternalPayment"), "Authorization"),
        ("PaymentServiceSelectionRes", Facts(payment="Contract"), "PaymentDetailsOrCertificate"),
        ("ChargeParameterDiscoveryRes", Facts(processing="Ongoing", energy="AC"), "ChargeParameterDiscovery"),
        ("ChargeParameterDiscoveryRes", Facts(processing="Finished", energy="AC"), "PowerDelivery"),
        # Also in a renegotiation: in DC there is no way around cable check and pre-charge ([V2G2-565], [V2G2-582]).
        ("ChargeParameterDiscoveryRes", Facts(processing="Finished", energy="DC", progress="Renegotiate"), "CableCheck"),
        ("PowerDeliveryRes", Facts(progress="Renegotiate", energy="DC"), "ChargeParameterDiscovery"),
        ("PowerDeliveryRes", Facts(progress="Stop", energy="DC"), "WeldingDetectionOrSessionStop"),
        ("PowerDeliveryRes", Facts(progress="Stop", energy="AC"), "SessionStop"),
        ("ChargingStatusRes", Facts(energy="AC", receipt="yes"), "MeteringReceipt"),
        ("ChargingStatusRes", Facts(energy="AC"), "ChargingStatusOrPowerDelivery"),
    ],
)
def test_what_follows_depends_on_what_was_said(response: str, facts: Facts, state: str) -> None:
    assert sequence_of(Edition.ISO2).after(response, facts) == state


def test_an_unknown_response_leads_nowhere() -> None:
    with pytest.raises(KeyError):
        sequence_of(Edition.DIN).after("PaymentDetailsRes", Facts())
