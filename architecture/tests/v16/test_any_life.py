"""Whatever drivers, technicians, networks and the central system do: the rules that always hold."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.station.config import EvseConfig, StationConfig
from v2x_architecture.ocpp.station.station import CannotDo, ReferenceStation
from v2x_architecture.ocpp.v16.messages import TRANSITIONS
from v2x_harness.clock import VirtualTimeLoop

connectors = st.integers(-1, 3)
tags = st.sampled_from(["A", "B", "BLOCKED", "x" * 20])
times = st.sampled_from(
    ["2025-06-02T11:59:00Z", "2025-06-02T12:01:00Z", "2025-06-02T15:00:00+02:00", "9999-12-31T23:59:59Z", "never"]
)
few = st.integers(-1, 4)


def objects(optional=(), **members):
    """A strategy for JSON objects; names given as optional may be missing."""
    optional_members = {name: members.pop(name) for name in optional}
    return st.fixed_dictionaries(members, optional=optional_members)


schedules = objects(
    ("duration", "startSchedule", "minChargingRate"),
    duration=st.integers(-1, 300),
    startSchedule=times,
    chargingRateUnit=st.sampled_from(["A", "W"]),
    minChargingRate=st.sampled_from([0, 6, 4000.5]),
    chargingSchedulePeriod=st.lists(
        objects(
            ("numberPhases",),
            startPeriod=st.sampled_from([0, 30, 60, 2**31, -1]),
            limit=st.sampled_from([0, 5.9, 6, 16, 4000, 22_000, -1]),
            numberPhases=few,
        ),
        min_size=1,
        max_size=3,
    ),
)
profiles = objects(
    ("transactionId", "recurrencyKind", "validFrom", "validTo"),
    chargingProfileId=few,
    transactionId=few,
    stackLevel=few,
    chargingProfilePurpose=st.sampled_from(["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]),
    chargingProfileKind=st.sampled_from(["Absolute", "Recurring", "Relative"]),
    recurrencyKind=st.sampled_from(["Daily", "Weekly"]),
    validFrom=times,
    validTo=times,
    chargingSchedule=schedules,
)
keys = st.sampled_from(
    [
        ("StopTransactionOnEVSideDisconnect", "false"),
        ("UnlockConnectorOnEVSideDisconnect", "false"),
        ("StopTransactionOnInvalidId", "false"),
        ("MaxEnergyOnInvalidId", "100"),
        ("MeterValueSampleInterval", "20"),
        ("ClockAlignedDataInterval", "60"),
        ("StopTxnSampledData", "Voltage,Energy.Active.Import.Register"),
        ("MeterValuesSampledData", "SoC,Current.Import.L2"),
        ("ConnectionTimeOut", "5"),
        ("LocalPreAuthorize", "true"),
        ("AllowOfflineTxForUnknownId", "true"),
        ("AuthorizeRemoteTxRequests", "false"),
        ("TransactionMessageAttempts", "1"),
        ("MinimumStatusDuration", "3"),
        ("AuthorizationKey", "00" * 20),
        ("NoSuchKey", "1"),
    ]
)
entries = objects(("idTagInfo",), idTag=tags, idTagInfo=objects(("expiryDate",), status=st.just("Accepted"), expiryDate=times))
REQUESTS = {
    "ChangeAvailability": objects(connectorId=connectors, type=st.sampled_from(["Operative", "Inoperative"])),
    "ChangeConfiguration": keys.map(lambda pair: {"key": pair[0], "value": pair[1]}),
    "ClearCache": st.just({}),
    "ClearChargingProfile": objects(("id", "connectorId", "stackLevel"), id=few, connectorId=connectors, stackLevel=few),
    "DataTransfer": objects(vendorId=st.just("V2X")),
    "GetCompositeSchedule": objects(connectorId=connectors, duration=st.sampled_from([-1, 0, 60, 2**40])),
    "GetConfiguration": objects(("key",), key=st.lists(st.sampled_from(["HeartbeatInterval", "x"]), max_size=2)),
    "GetLocalListVersion": st.just({}),
    "RemoteStartTransaction": objects(
        ("connectorId", "chargingProfile"), connectorId=connectors, idTag=tags, chargingProfile=profiles
    ),
    "RemoteStopTransaction": objects(transactionId=few),
    "Reset": objects(type=st.sampled_from(["Hard", "Soft"])),
    "SendLocalList": objects(
        listVersion=few,
        updateType=st.sampled_from(["Full", "Differential"]),
        localAuthorizationList=st.lists(entries, max_size=2),
    ),
    "SetChargingProfile": objects(connectorId=connectors, csChargingProfiles=profiles),
    "TriggerMessage": objects(
        ("connectorId",),
        connectorId=connectors,
        requestedMessage=st.sampled_from(["BootNotification", "Heartbeat", "MeterValues", "StatusNotification"]),
    ),
    "UnlockConnector": objects(connectorId=connectors),
}
calls = st.one_of(*(st.tuples(st.just(action), payloads) for action, payloads in REQUESTS.items()))
evses = st.sampled_from([1, 1, 1, 2])
verbs = st.one_of(
    st.tuples(st.sampled_from(["plug_in", "unplug", "press_stop", "ev_suspend", "ev_resume", "clear_fault"]), evses),
    st.tuples(st.sampled_from(["set_fault", "jam_lock", "occupy_bay", "leave_bay"]), evses),
    st.tuples(st.just("present_token"), tags, st.just("ISO14443"), evses),
    st.tuples(st.sampled_from(["power_cycle", "local_reset"])),
)
happenings = st.one_of(
    st.tuples(st.just("arrive"), tags, evses),
    calls.map(lambda call: ("call", *call)),
    verbs.map(lambda verb: ("do", *verb)),
    st.tuples(st.just("link"), st.sampled_from(["lose", "find", "find", "break answers", "mend answers", "reject boots"])),
)
events = st.tuples(happenings, st.sampled_from([0, 0.1, 1, 30, 200]))


async def live(csms, station, life):
    """Let it happen; what nobody can do is not done."""
    for (kind, *what), seconds in life:
        match kind:
            case "arrive":
                with suppress(CannotDo):
                    await station.plug_in(what[1])
                with suppress(CannotDo):
                    await station.present_token(what[0], evse=what[1])
            case "call":
                await ask(csms, *what)
            case "do":
                with suppress(CannotDo):
                    await getattr(station, what[0])(*what[1:])
            case "link":
                await change_link(csms, what[0])
        await asyncio.sleep(seconds)


async def ask(csms, action, payload):
    if csms.wire is None or csms.wire.gone.is_set() or not schema.is_valid("1.6", action, "request", payload):
        return
    outcome = ""
    try:
        async with asyncio.timeout(5):
            await csms.call(action, **payload)
    except CallRefused as refused:
        outcome = refused.code
    except TimeoutError:
        outcome = "no answer"
    allowed = {"", "PropertyConstraintViolation", "SecurityError"} | ({"no answer"} if csms.rejects else set())
    assert outcome in allowed, "a rejected charge point alone says nothing"


async def change_link(csms, how):
    match how:
        case "lose":
            await csms.lose()
        case "find":
            csms.reachable = True
            csms.answers.pop("BootNotification", None)
        case "break answers":
            csms.failing = {"StartTransaction", "StopTransaction", "MeterValues"}
            csms.failed = True
        case "mend answers":
            csms.failing = set()
        case "reject boots":
            csms.answers["BootNotification"] = {"status": "Rejected", "interval": 20, "currentTime": csms.now}
            csms.rejects = True


def check_statuses(frames):
    """While connected, a connector goes from status to status as the table of 4.9 has it."""
    told = {}
    for _, action, payload in frames:
        if action == "connected":
            told.clear()
        elif action == "StatusNotification" and payload["connectorId"] > 0:
            before = told.get(payload["connectorId"], payload["status"])
            told[payload["connectorId"]] = status = payload["status"]
            assert status == before or status in TRANSITIONS[before], (before, status)
        elif action == "StatusNotification":
            assert payload["status"] in {"Available", "Unavailable"}


def check_transactions(csms):
    """Messages about a transaction follow its start and end with its stop; registers never go back."""
    registers, stopped = defaultdict(int), set()
    for _, action, payload in csms.frames:
        number = payload.get("transactionId")
        if action == "StartTransaction":
            assert payload["connectorId"] in {1, 2, 3}
            assert payload["meterStart"] >= registers[payload["connectorId"]]
            registers[payload["connectorId"]] = payload["meterStart"]
        elif action in {"MeterValues", "StopTransaction"} and number not in {None, -1}:
            assert number in csms.started
            assert number not in stopped or csms.failed
        if action == "StopTransaction" and number != -1:
            started = csms.started[number]
            assert payload["meterStop"] >= started["meterStart"]
            registers[started["connectorId"]] = payload["meterStop"]
            stopped.add(number)


async def one_life(csms, life):
    failures = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    csms.tags["BLOCKED"] = {"status": "Blocked"}
    evses = (EvseConfig(), EvseConfig(connectors=2))
    station = ReferenceStation(StationConfig(version="1.6", evses=evses), csms.clock, connect=csms.connect)
    await station.start()
    await asyncio.sleep(1)
    await live(csms, station, life)
    await asyncio.sleep(60)
    firmware = station.firmware
    for number, evse in (await station.observe())["evses"].items():
        assert evse["transaction"] is not None or evse["power_w"] == 0, "no energy without a transaction"
        rate = firmware.profiles.limits(firmware.smart_sessions(), firmware.now()).rate(int(number), firmware.now())
        assert evse["power_w"] <= float(firmware.site.supply(int(number)).watts(rate)) + 1e-6, "no more than the profiles allow"
    await station.stop()
    assert failures == []
    check_statuses(csms.frames)
    check_transactions(csms)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(life=st.lists(events, min_size=6, max_size=30))
def test_the_rules_hold_in_any_life(life, central_system):
    async def run():
        await one_life(central_system(), life)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(run())
