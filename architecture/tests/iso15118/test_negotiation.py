"""The protocol negotiation: priorities, versions, schema ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.iso15118.editions import APPLICATIONS, DIN, ISO2, ISO20_DC, Application
from v2x_architecture.iso15118.exi.messages.app_protocol import AppProtocolType, supportedAppProtocolReq, supportedAppProtocolRes
from v2x_architecture.iso15118.negotiation import choose, chosen, offer


def entry(application: Application, priority: int, schema: int, minor: int = 0, major: int | None = None) -> AppProtocolType:
    return AppProtocolType(
        ProtocolNamespace=application.namespace,
        VersionNumberMajor=application.major if major is None else major,
        VersionNumberMinor=minor,
        SchemaID=schema,
        Priority=priority,
    )


def test_the_evs_priority_decides_whatever_the_order_of_the_entries() -> None:
    request = supportedAppProtocolReq(AppProtocol=[entry(DIN, 5, 3), entry(ISO2, 1, 1)])
    agreement = choose(request, [DIN, ISO2])
    assert (agreement.application, agreement.schema_id, agreement.response_code) == (ISO2, 1, "OK_SuccessfulNegotiation")


def test_schema_ids_may_begin_anywhere() -> None:
    request = offer([ISO2, DIN], 23)
    assert [each.SchemaID for each in request.AppProtocol] == [23, 24]
    agreement = choose(request, [DIN])
    assert chosen(agreement.response(), request, [ISO2, DIN]) is DIN


def test_an_older_protocol_is_taken_where_the_secc_has_no_other() -> None:
    request = supportedAppProtocolReq(AppProtocol=[entry(ISO2, 1, 10), entry(DIN, 2, 20)])
    assert choose(request, [DIN]).response() == supportedAppProtocolRes(ResponseCode="OK_SuccessfulNegotiation", SchemaID=20)


def test_minor_versions_may_differ_and_major_ones_may_not() -> None:
    agreement = choose(supportedAppProtocolReq(AppProtocol=[entry(ISO2, 1, 0, minor=1)]), [ISO2])
    assert agreement.response().ResponseCode == "OK_SuccessfulNegotiationWithMinorDeviation"
    none = choose(supportedAppProtocolReq(AppProtocol=[entry(ISO2, 1, 0, major=3)]), [ISO2])
    assert none.response() == supportedAppProtocolRes(ResponseCode="Failed_NoNegotiation")


@given(
    st.lists(st.sampled_from(list(APPLICATIONS.values())), min_size=1, unique_by=lambda each: each.name),
    st.sets(st.sampled_from(sorted(APPLICATIONS))),
)
def test_both_sides_mean_the_same(offered: list[Application], spoken: set[str]) -> None:
    request = offer(offered)
    agreement = choose(request, [APPLICATIONS[name] for name in spoken])
    assert agreement.application == next((each for each in offered if each.name in spoken), None)
    assert chosen(agreement.response(), request, offered) == agreement.application


@pytest.mark.parametrize("schema", [None, 9])
def test_a_choice_that_was_not_offered_is_none(schema: int | None) -> None:
    offered = [ISO20_DC, ISO2]
    response = supportedAppProtocolRes(ResponseCode="OK_SuccessfulNegotiation", SchemaID=schema)
    assert chosen(response, offer(offered), offered) is None
    alone = chosen(response, offer([ISO2]), [ISO2])
    assert alone == (ISO2 if schema is None else None)
