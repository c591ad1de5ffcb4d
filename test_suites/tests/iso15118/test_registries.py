"""The registries are whole: each standard's parts are found, and what is not tested says why."""

import pytest
from v2x_suites.iso15118 import PROTOCOL


@pytest.fixture
def by_version():
    return {registry.version: registry for registry in PROTOCOL.registries()}


def test_there_is_one_a_standard(by_version):
    assert tuple(by_version) == tuple(PROTOCOL.rooms)
    assert {registry.protocol for registry in by_version.values()} == {"iso15118"}


def test_parts_go_to_their_own_standard(by_version):
    assert "V2G2-651" in by_version["2"]
    assert "V2G20-1264" in by_version["20"]
    assert "V2G20-1264" not in by_version["2"]


def test_ids_are_the_standards_or_anchors_of_ours(by_version):
    for version, registry in by_version.items():
        for each in registry:
            anchor = each.startswith("DIN70121#" if version == "din" else f"15118-{version}#")
            assert registry.is_numbered(each) or anchor, each
