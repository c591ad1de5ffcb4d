"""Whatever drivers, technicians, networks and the CSMS do to a 2.0.1 station: the rules that always hold."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.station import CannotDo, EvseConfig, ReferenceStation, StationConfig
from v2x_harness.clock import VirtualTimeLoop

from .conftest import EPOCH, Peer

START = ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy", "DataSigned"]
STOP = ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy"]

evses = st.sampled_from([1, 1, 1, 2])
places = st.sampled_from([0, 1, 2, 9])
tokens = st.sampled_from(["A", "B", "MEMBER", "BLOCKED", "STRANGER", "MASTER"])
token_payloads = tokens.map(lambda value: {"idToken": value, "type": "ISO14443"})
limits = st.sampled_from([0, 5.9, 6, 10, 16, 32, 4000, 50_000])


def evse_payload(place):
    return {} if place is None else {"evse": place}


profiles = st.builds(
    lambda id_, level, purpose, unit, periods, transaction: (
        {
            "id": id_,
            "stackLevel": level,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute" if purpose == "ChargingStationMaxProfile" else "Relative",
            "chargingSchedule": [
                {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}
                | ({"startSchedule": "2025-06-01T08:00:00Z"} if purpose == "ChargingStationMaxProfile" else {})
            ],
        }
        | ({"transactionId": transaction} if purpose == "TxProfile" else {})
    ),
    st.integers(1, 4),
    st.integers(0, 2),
    st.sampled_from(["ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile"]),
    st.sampled_from(["A", "W"]),
    st.lists(limits, min_size=1, max_size=3).map(
        lambda values: [{"startPeriod": 30 * number, "limit": value} for number, value in enumerate(values)]
    ),
    st.just("current"),
)
settings_values = st.sampled_from(
    [
        ("TxCtrlr", "StopTxOnEVSideDisconnect", "false"),
        ("TxCtrlr", "StopTxOnInvalidId", "false"),
        ("TxCtrlr", "MaxEnergyOnInvalidId", "100"),
        ("TxCtrlr", "EVConnectionTimeOut", "5"),
        ("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "false"),
        ("SampledDataCtrlr", "TxUpdatedInterval", "20"),
        ("SampledDataCtrlr", "TxEndedInterval", "25"),
        ("SampledDataCtrlr", "SignReadings", "true"),
        ("AlignedDataCtrlr", "Interval", "60"),
        ("AuthCtrlr", "LocalPreAuthorize", "false"),
        ("AuthCtrlr", "AuthorizeRemoteStart", "false"),
        ("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true"),
        ("OCPPCommCtrlr", "HeartbeatInterval", "30"),
    ]
)
points = st.sampled_from([("TxStartPoint", point) for point in START] + [("TxStopPoint", point) for point in STOP])
calls = st.one_of(
    st.builds(lambda place, status: ("ChangeAvailability", {"operationalStatus": status} | place), st.sampled_from(
        [{}, {"evse": {"id": 1}}, {"evse": {"id": 2, "connectorId": 1}}, {"evse": {"id": 9}}]
    ), st.sampled_from(["Operative", "Inoperative"])),
    st.builds(lambda value: ("SetVariables", {"setVariableData": [variable(*value)]}), settings_values),
    st.builds(lambda value: ("SetVariables", {"setVariableData": [variable("TxCtrlr", *value)]}), points),
    st.builds(
        lambda token, place, profile: (
            "RequestStartTransaction",
            {"idToken": token, "remoteStartId": 7}
            | ({"evseId": place} if place else {})
            | ({"chargingProfile": {key: profile[key] for key in profile if key != "transactionId"}} if profile else {}),
        ),
        token_payloads,
        places,
        st.none() | profiles,
    ),
    st.just(("RequestStopTransaction", {"transactionId": "current"})),
    st.builds(lambda kind, place: ("Reset", {"type": kind} | ({"evseId": place} if place else {})), st.sampled_from(
        ["Immediate", "OnIdle"]
    ), st.sampled_from([0, 0, 1, 9])),
    st.builds(lambda place, profile: ("SetChargingProfile", {"evseId": place, "chargingProfile": profile}), places, profiles),
    st.just(("ClearChargingProfile", {"chargingProfileCriteria": {"stackLevel": 0}})),
    st.builds(lambda message: ("TriggerMessage", {"requestedMessage": message}), st.sampled_from(
        ["BootNotification", "Heartbeat", "MeterValues", "TransactionEvent"]
    )),
    st.builds(lambda place: ("UnlockConnector", {"evseId": place, "connectorId": 1}), places),
    st.just(("ClearCache", {})),
    st.builds(lambda place: ("GetCompositeSchedule", {"evseId": place, "duration": 300}), places),
)  # fmt: skip
verbs = st.one_of(
    st.tuples(st.sampled_from(["plug_in", "unplug", "press_stop", "ev_suspend", "ev_resume", "clear_fault"]), evses),
    st.tuples(st.sampled_from(["set_fault", "jam_lock", "occupy_bay", "leave_bay"]), evses),
    st.tuples(st.just("present_token"), tokens, st.just("ISO14443"), evses),
    st.tuples(st.sampled_from(["power_cycle", "local_reset"])),
)
happenings = st.one_of(
    st.tuples(st.just("arrive"), tokens, evses),
    calls.map(lambda call: ("call", *call)),
    verbs.map(lambda verb: ("do", *verb)),
    st.tuples(st.just("link"), st.sampled_from(["lose", "find", "find", "break answers", "mend answers", "block everybody"])),
)
lives = st.lists(st.tuples(happenings, st.sampled_from([0, 0.1, 1, 30, 200])), min_size=6, max_size=30)


def variable(component, name, value):
    return {"component": {"name": component}, "variable": {"name": name}, "attributeValue": value}


async def live(peer, station, life):
    for (kind, *what), seconds in life:
        match kind:
            case "arrive":
                with suppress(CannotDo):
                    await station.plug_in(what[1])
                with suppress(CannotDo):
                    await station.present_token(what[0], evse=what[1])
            case "call":
                await ask(peer, *what)
            case "do":
                with suppress(CannotDo):
                    await getattr(station, what[0])(*what[1:])
            case "link":
                change_link(peer, what[0])
        await asyncio.sleep(seconds)
        await check_energy(station)


async def ask(peer, action, payload):
    if not peer.links or peer.link.closed.is_set():
        return
    running = [event["transactionInfo"]["transactionId"] for event in peer.all("TransactionEvent")]
    payload = dict(payload)
    if payload.get("transactionId") == "current":
        payload["transactionId"] = running[-1] if running else "none"
    if payload.get("chargingProfile", {}).get("transactionId") == "current":
        payload["chargingProfile"] = payload["chargingProfile"] | {"transactionId": running[-1] if running else "none"}
    assert schema.is_valid("2.0.1", action, "request", payload)
    refusal = ""
    try:
        await peer.ask(action, payload)
    except CallRefused as refused:
        refusal = refused.code
    assert refusal in {"", "SecurityError"}, "only a station that is not accepted refuses"


def change_link(peer, how):
    def broken(_):
        raise CallRefused("InternalError")

    match how:
        case "lose":
            if peer.links:
                peer.cut()
        case "find":
            peer.reachable = True
        case "break answers":
            peer.script["TransactionEvent"] = broken
            peer.failed = True
        case "mend answers":
            peer.script.pop("TransactionEvent", None)
        case "block everybody":
            peer.tokens = {name: {"status": "Blocked"} for name in peer.tokens}


async def check_energy(station):
    """Energy flows only for somebody who is authorized, and never more than the limits allow."""
    with suppress(CannotDo):
        firmware = station.firmware
        for number, seen in (await station.observe())["evses"].items():
            evse = int(number)
            rate = firmware.profiles.limits(firmware.smart_sessions(), firmware.now()).rate(evse, firmware.now())
            assert seen["power_w"] <= float(firmware.site.supply(evse).watts(rate)) + 1e-6
            assert seen["power_w"] == 0 or seen["token"] is not None
            assert seen["power_w"] == 0 or seen["state"] == "Charging"


def check_transactions(peer):
    """What is told of each transaction hangs together (E01, E06; sequence numbers; what is told once)."""
    stories = defaultdict(list)
    for event in peer.all("TransactionEvent"):
        story = stories[event["transactionInfo"]["transactionId"]]
        if not story or story[-1]["seqNo"] != event["seqNo"]:
            story.append(event)
    registers = {}
    for story in stories.values():
        numbers = [event["seqNo"] for event in story]
        kinds = [event["eventType"] for event in story]
        assert numbers == sorted(numbers)
        if not peer.failed:
            assert numbers == list(range(len(story)))
            assert kinds[0] == "Started"
        assert kinds.count("Started") <= 1
        assert kinds.count("Ended") <= 1
        assert "Ended" not in kinds[:-1]
        assert [event["timestamp"] for event in story] == sorted(event["timestamp"] for event in story)
        assert sum("evse" in event for event in story) <= 1
        before = None
        for event in story:
            info = event["transactionInfo"]
            assert ("stoppedReason" in info) == (event["eventType"] == "Ended")
            if event["triggerReason"] in ("Authorized", "RemoteStart"):
                assert "idToken" in event
            if event["triggerReason"] == "ChargingStateChanged" and event["eventType"] == "Updated" and not peer.failed:
                assert info["chargingState"] != before
            if info["chargingState"] == "Charging" and not peer.failed:
                assert any("idToken" in each for each in story[: story.index(event) + 1])
                assert any("evse" in each for each in story[: story.index(event) + 1])
            before = info["chargingState"]
        check_registers(story, registers)


def check_registers(story, registers):
    """Registers never go back within a transaction."""
    samples = sorted(
        (value["timestamp"], sample["value"])
        for event in story
        for value in event.get("meterValue", [])
        for sample in value["sampledValue"]
        if sample["measurand"] == "Energy.Active.Import.Register"
    )
    assert [value for _, value in samples] == sorted(value for _, value in samples)
    registers[id(story)] = samples


def check_boots(peer):
    """Nothing leaves on a new power cycle before the boot is accepted."""
    actions = [action for _, action, _ in peer.received]
    assert actions[0] == "BootNotification"


async def one_life(life, variables):
    failures = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    peer = Peer("2.0.1")
    peer.clock = LoopClock(EPOCH)
    peer.failed = False
    group = {"groupIdToken": {"idToken": "G", "type": "Central"}}
    peer.tokens = {
        "A": {"status": "Accepted"} | group,
        "MEMBER": {"status": "Accepted"} | group,
        "B": {"status": "Accepted"},
        "BLOCKED": {"status": "Blocked"},
        "MASTER": {"status": "Accepted", "groupIdToken": {"idToken": "M", "type": "Central"}},
    }
    config = StationConfig(
        evses=(EvseConfig(), EvseConfig(connectors=2)), variables={"AuthCtrlr.MasterPassGroupId": "M"} | variables
    )
    station = ReferenceStation(config, LoopClock(EPOCH), connect=peer.connect)
    await station.start()
    await asyncio.sleep(1)
    await live(peer, station, life)
    peer.script.clear()
    peer.reachable = True
    await asyncio.sleep(600)
    assert (await station.observe())["online"] is True
    assert (await station.observe())["queued"] <= 2, "only what has just happened still waits"
    await station.stop()
    assert failures == []
    check_transactions(peer)
    check_boots(peer)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    life=lives,
    start=st.lists(st.sampled_from(START), min_size=1, max_size=3, unique=True),
    stop=st.lists(st.sampled_from(STOP), min_size=1, max_size=3, unique=True),
)
def test_the_rules_hold_in_any_life(life, start, stop):
    variables = {"TxCtrlr.TxStartPoint": ",".join(start), "TxCtrlr.TxStopPoint": ",".join(stop)}
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(one_life(life, variables))
