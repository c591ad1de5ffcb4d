"""Reading charging profiles out of messages (pitfall: timestamps)."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.smart_charging import (
    InvalidProfile,
    Kind,
    Purpose,
    RateUnit,
    Recurrency,
    instant,
    profile_16,
    profile_201,
)

RECEIVED = datetime(2025, 6, 2, tzinfo=UTC)


@pytest.fixture
def payload_16():
    return {
        "chargingProfileId": 7,
        "transactionId": 12,
        "stackLevel": 3,
        "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Recurring",
        "recurrencyKind": "Daily",
        "validFrom": "2025-01-01T00:00:00Z",
        "validTo": "2026-01-01T00:00:00+01:00",
        "chargingSchedule": {
            "duration": 86_400,
            "startSchedule": "2025-01-01T08:00:00.5Z",
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.1}, {"startPeriod": 60, "limit": 6, "numberPhases": 1}],
            "minChargingRate": 4.2,
        },
    }


def test_a_profile_of_16_is_read(payload_16):
    profile = profile_16(payload_16, 0, RECEIVED)
    assert (profile.id, profile.evse, profile.stack_level, profile.transaction_id) == (7, 0, 3, 12)
    assert (profile.purpose, profile.kind, profile.recurrency) == (Purpose.STATION_MAX, Kind.RECURRING, Recurrency.DAILY)
    assert profile.valid_to == datetime(2025, 12, 31, 23, tzinfo=UTC)
    (schedule,) = profile.schedules
    assert (schedule.unit, schedule.duration, schedule.minimum) == (RateUnit.WATTS, 86_400, Fraction(42, 10))
    assert [(one.start, one.limit, one.phases) for one in schedule.periods] == [(0, Fraction(81, 10), None), (60, 6, 1)]


def test_a_profile_of_201_is_read_with_all_its_schedules(payload_16):
    schedule = payload_16["chargingSchedule"]
    payload = {
        "id": 7,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "transactionId": "abc",
        "chargingSchedule": [{"id": 1, **schedule}, {"id": 2, **schedule}],
    }
    profile = profile_201(payload, 1, RECEIVED)
    assert (profile.purpose, profile.transaction_id, len(profile.schedules)) == (Purpose.TX, "abc", 2)
    assert profile.payload == payload


def test_a_remote_started_profile_is_bound_to_its_transaction_later(payload_16):
    del payload_16["transactionId"]
    bound = profile_16(payload_16, 0, RECEIVED).for_transaction(2, 99)
    assert (bound.evse, bound.transaction_id, bound.payload["transactionId"]) == (2, 99, 99)


@pytest.mark.parametrize(
    "text", ["2025-06-02T12:00:00Z", "2025-06-02T12:00:00", "2025-06-02T14:00:00+02", "2025-06-02T14:00:00.000000+02:00"]
)
def test_an_instant_is_aware_and_without_an_offset_utc(text):
    assert instant(text) == datetime(2025, 6, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2025-06-02", "2025-13-02T12:00:00Z", "2025-06-02 12:00:00Z"])
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(InvalidProfile):
        instant(text)


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:\d\d)?)?", fullmatch=True))
def test_any_text_is_an_aware_instant_or_refused(text):
    with contextlib.suppress(InvalidProfile):
        assert instant(text).utcoffset() is not None


offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=offsets))
def test_an_instant_comes_back(moment):
    assert instant(moment.isoformat()) == moment
