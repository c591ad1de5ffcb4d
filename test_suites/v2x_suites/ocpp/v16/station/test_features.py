"""What the configuration keys of a charge point tell of it, beside what it is declared to have (PICS)."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.observed import differing, note_pics

from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.pics import FEATURES, KEYS, missing, observed_pics, profiles, read


@case(
    "V2X_16_PICS_CS",
    verifies="OCPP-1.6#9.1.profiles OCPP-1.6#9.optional OCPP-1.6#9.required OCPP-1.6#9.1.connectors",
)
async def test_declared_features(lane: StationLane, station: StationUnderTest, csms: CsmsOperator) -> None:
    """The configuration keys tell of the features that the charge point is declared to have (PICS), and of no others.

    What is observed is noted for the bundle, where it corrects what is declared.
    """
    with requirement("OCPP-1.6#9.1.profiles", hard=True):
        told = read((await csms.call("GetConfiguration")).configurationKey)
        assert "supportedfeatureprofiles" in told, "there is no SupportedFeatureProfiles"
    observed = observed_pics(told)
    note_pics(lane.recorder, observed)
    declared, by_profile = lane.cast.subject.pics, {f.id for f in FEATURES if f.test == "profile"}
    with requirement("OCPP-1.6#9.1.profiles"):
        assert "Core" in profiles(told), "SupportedFeatureProfiles lacks Core, which every charge point has"
        different = differing(declared, {i: yes for i, yes in observed.items() if i in by_profile})
        assert not different, f"SupportedFeatureProfiles tells otherwise than the PICS: {different}"
    with requirement("OCPP-1.6#9.optional"):
        different = differing(declared, {i: yes for i, yes in observed.items() if i not in by_profile})
        assert not different, f"the configuration keys tell otherwise than the PICS: {different}"
    with requirement("OCPP-1.6#9.required"):
        absent = missing(told, *(profiles(told) - {"Core"}))
        assert not absent, f"its feature profiles require keys that it does not have: {', '.join(absent)}"
    with requirement("OCPP-1.6#9.1.connectors"):
        number = told["numberofconnectors"].value if "numberofconnectors" in told else "nothing"
        assert number.isdecimal(), f"NumberOfConnectors is {number!r}"
        if "connectors" in station.pixit.values:
            count = len(station.connectors)
            assert int(number) == count, f"NumberOfConnectors is {number}, and PIXIT connectors says {count}"


@case("V2X_16_ACCESS_CS", verifies="OCPP-1.6#9.accessibility")
async def test_accessibility(csms: CsmsOperator) -> None:
    """The standard keys can be read and written as the specification says."""
    told = read((await csms.call("GetConfiguration")).configurationKey)
    with requirement("OCPP-1.6#9.accessibility"):
        judged = {KEYS[name]: said.readonly for name, said in told.items() if name in KEYS and KEYS[name].access != "any"}
        assert judged, "no standard key is told"
        wrong = [
            f"{key.name} is {'read-only' if readonly else 'writable'}"
            for key, readonly in judged.items()
            if readonly is not (key.access == "R")
        ]
        assert not wrong, f"not as the specification has it: {', '.join(wrong)}"
