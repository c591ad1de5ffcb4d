"""Authorization: cache, local list, offline (3.5, 4.1, 5.4, 5.10, 5.15)."""

import asyncio

import pytest

pytestmark = pytest.mark.anyio

ACCEPTED, BLOCKED = {"status": "Accepted"}, {"status": "Blocked"}
SOON, LATER = "2025-06-02T12:10:00Z", "2025-06-02T18:00:00Z"


@pytest.fixture
def charges(csms):
    """Shows a token to a charge point with a vehicle; whether a transaction starts, and whether it was asked about."""

    async def attempt(station, tag, *, leave=True):
        csms.forget()
        await station.present_token(tag)
        await asyncio.sleep(35)
        started = (await station.observe())["evses"]["1"]["transaction"] is not None
        if started and leave:
            await station.press_stop()
            await asyncio.sleep(2)
        return started, "Authorize" in csms.actions

    return attempt


@pytest.fixture
async def plugged(start, csms):
    """Starts a charge point with a vehicle, then goes offline if asked to."""

    async def make(**keys):
        station = await start(**keys)
        await station.plug_in()
        await asyncio.sleep(1)
        return station

    return make


async def list_of(csms, *entries, version=1, kind="Full"):
    data = [{"idTag": tag, "idTagInfo": info} if info else {"idTag": tag} for tag, info in entries]
    return (await csms.call("SendLocalList", listVersion=version, updateType=kind, localAuthorizationList=data))["status"]


# Online


async def test_what_is_known_is_enough_only_with_local_pre_authorize(plugged, charges):
    station = await plugged(LocalPreAuthorize=False)
    assert await charges(station, "TAG1") == (True, True)
    assert await charges(station, "TAG1") == (True, True)
    await station.configure(key="LocalPreAuthorize", value=True)
    assert await charges(station, "tag1") == (True, False)


async def test_what_is_known_to_be_invalid_is_asked_about_when_online(plugged, charges, csms):
    station = await plugged(LocalPreAuthorize=True)
    csms.tags["TAG1"] = BLOCKED
    assert await charges(station, "TAG1") == (False, True)
    csms.tags["TAG1"] = ACCEPTED
    assert await charges(station, "TAG1") == (True, True)


async def test_a_cached_identifier_expires(plugged, charges, csms):
    station = await plugged(LocalPreAuthorize=True)
    csms.tags["TAG1"] = {"status": "Accepted", "expiryDate": SOON}
    assert await charges(station, "TAG1") == (True, True)
    assert await charges(station, "TAG1") == (True, False)
    await asyncio.sleep(600)
    assert await charges(station, "TAG1") == (True, True)


async def test_the_cache_can_be_cleared(plugged, charges, csms):
    station = await plugged(LocalPreAuthorize=True)
    await charges(station, "TAG1")
    assert await csms.call("ClearCache") == {"status": "Accepted"}
    assert await charges(station, "TAG1") == (True, True)


async def test_a_disabled_cache_cannot_be_cleared_and_knows_nothing(plugged, charges, csms):
    station = await plugged(LocalPreAuthorize=True, AuthorizationCacheEnabled=False)
    assert await charges(station, "TAG1") == (True, True)
    assert await charges(station, "TAG1") == (True, True)
    assert await csms.call("ClearCache") == {"status": "Rejected"}


async def test_the_list_comes_before_the_cache_and_its_identifiers_stay_out_of_it(plugged, charges, csms):
    station = await plugged(LocalPreAuthorize=True)
    assert await list_of(csms, ("TAG1", ACCEPTED)) == "Accepted"
    assert await charges(station, "TAG1") == (True, False)
    assert len(station.firmware.cache) == 0
    assert await list_of(csms, ("TAG1", None), version=2, kind="Differential") == "Accepted"
    assert await charges(station, "TAG1") == (True, True)


async def test_the_answer_to_a_stop_updates_the_cache(plugged, charges, csms):
    station = await plugged(LocalPreAuthorize=True)
    csms.answers["StopTransaction"] = {"idTagInfo": BLOCKED}
    await charges(station, "TAG1", leave=False)
    await station.present_token("TAG1")
    await asyncio.sleep(2)
    assert await charges(station, "TAG1") == (True, True)


async def test_an_id_tag_has_no_type(plugged, csms):
    station = await plugged(LocalPreAuthorize=True)
    await list_of(csms, ("TAG1", ACCEPTED))
    csms.forget()
    await station.present_token("TAG1", "KeyCode")
    await asyncio.sleep(1)
    assert "Authorize" not in csms.actions
    assert "StartTransaction" in csms.actions


# Offline


@pytest.fixture
async def offline(plugged, charges, csms):
    """A charge point without a connection that knows GOOD and BAD from the cache, LISTED and BARRED from the list."""

    async def make(**keys):
        station = await plugged(**keys)
        csms.tags = {"BAD": BLOCKED, "OLD": {"status": "Accepted", "expiryDate": SOON}}
        for tag in ("GOOD", "BAD", "OLD"):
            await charges(station, tag)
        await list_of(csms, ("LISTED", ACCEPTED), ("BARRED", BLOCKED), ("WAS", {"status": "Accepted", "expiryDate": SOON}))
        await asyncio.sleep(600)
        await csms.lose()
        return station

    return make


@pytest.mark.parametrize(("tag", "starts"), [("GOOD", True), ("BAD", False), ("OLD", False), ("LISTED", True), ("NEW", False)])
async def test_offline_those_who_are_known_may_charge(offline, charges, tag, starts):
    assert await charges(await offline(), tag) == (starts, False)


@pytest.mark.parametrize("tag", ["GOOD", "LISTED"])
async def test_offline_nobody_charges_without_local_authorize_offline(offline, charges, tag):
    assert await charges(await offline(LocalAuthorizeOffline=False), tag) == (False, False)


@pytest.mark.parametrize(
    ("tag", "starts"), [("NEW", True), ("BAD", False), ("OLD", False), ("BARRED", False), ("WAS", False), ("GOOD", True)]
)
async def test_offline_the_unknown_may_charge_if_configured_but_never_the_barred_nor_the_expired(offline, charges, tag, starts):
    assert await charges(await offline(AllowOfflineTxForUnknownId=True), tag) == (starts, False)


async def test_a_central_system_that_does_not_answer_is_as_good_as_offline(plugged, charges, csms):
    station = await plugged()
    await charges(station, "GOOD")
    csms.answers["Authorize"] = {"no answer": True}
    assert (await charges(station, "GOOD"))[0]
    assert not (await charges(station, "NEW"))[0]


async def test_a_charge_point_that_was_accepted_once_charges_after_a_power_cut_without_a_connection(offline, charges):
    station = await offline()
    await station.power_cycle()
    await asyncio.sleep(5)
    assert (await charges(station, "GOOD"))[0]


async def test_a_charge_point_that_was_never_accepted_does_not_charge(start, csms, charges):
    csms.reachable = False
    station = await start(AllowOfflineTxForUnknownId=True)
    await station.plug_in()
    assert await charges(station, "TAG1") == (False, False)


# The list


async def test_the_list_has_a_version(station, csms):
    assert await csms.call("GetLocalListVersion") == {"listVersion": 0}
    assert await list_of(csms, ("A", ACCEPTED), ("B", BLOCKED), version=7) == "Accepted"
    assert await csms.call("GetLocalListVersion") == {"listVersion": 7}
    assert await list_of(csms, ("B", None), ("C", ACCEPTED), version=8, kind="Differential") == "Accepted"
    assert await csms.call("GetLocalListVersion") == {"listVersion": 8}
    assert await list_of(csms, ("C", ACCEPTED), version=8, kind="Differential") == "VersionMismatch"
    assert await list_of(csms, version=3) == "Accepted"
    assert await csms.call("GetLocalListVersion") == {"listVersion": 0}


@pytest.mark.parametrize(
    ("entries", "version", "kind"),
    [
        ([("A", ACCEPTED), ("a", ACCEPTED)], 1, "Full"),
        ([("A", None)], 1, "Full"),
        ([("A", ACCEPTED)], 0, "Full"),
        ([("A", ACCEPTED)], -1, "Differential"),
        ([(f"T{n}", ACCEPTED) for n in range(6)], 1, "Full"),
    ],
)
async def test_an_unsound_list_fails(start, csms, entries, version, kind):
    await start(SendLocalListMaxLength=5)
    assert await list_of(csms, *entries, version=version, kind=kind) == "Failed"
    assert await csms.call("GetLocalListVersion") == {"listVersion": 0}


async def test_a_list_that_would_grow_too_long_fails(start, csms):
    await start(LocalAuthListMaxLength=2)
    assert await list_of(csms, ("A", ACCEPTED), ("B", ACCEPTED)) == "Accepted"
    assert await list_of(csms, ("C", ACCEPTED), version=2, kind="Differential") == "Failed"
    assert await list_of(csms, ("C", ACCEPTED), ("A", None), version=2, kind="Differential") == "Accepted"


async def test_a_disabled_list_is_not_supported(start, csms):
    await start(LocalAuthListEnabled=False)
    assert await csms.call("GetLocalListVersion") == {"listVersion": -1}
    assert await list_of(csms, ("A", ACCEPTED)) == "NotSupported"


async def test_the_list_outlives_a_power_cycle(station, csms):
    await list_of(csms, ("A", ACCEPTED), version=7)
    await station.power_cycle()
    await asyncio.sleep(2)
    assert await csms.call("GetLocalListVersion") == {"listVersion": 7}
