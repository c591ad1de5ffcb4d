import pytest
from v2x_architecture.ocpp.codes import ErrorCode, allowed, meaning, spell
from v2x_architecture.ocpp.versions import VERSIONS, as_version, subprotocol, version_of


def test_1_6_spells_two_codes_in_its_own_way():
    assert spell(ErrorCode.FORMAT_VIOLATION, "1.6") == "FormationViolation"
    assert spell(ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "1.6") == "OccurenceConstraintViolation"
    assert spell("FormationViolation", "2.0.1") == "FormatViolation"


def test_1_6_has_neither_of_the_codes_that_2_x_added():
    assert allowed("1.6") & {"RpcFrameworkError", "MessageTypeNotSupported", "FormatViolation"} == frozenset()
    assert len(allowed("1.6")) == 10
    assert len(allowed("2.0.1")) == 12


@pytest.mark.parametrize("version", VERSIONS)
def test_every_code_is_spelled_as_one_that_the_version_allows(version):
    for code in ErrorCode:
        spelled = spell(code, version)
        assert type(spelled) is str
        assert spelled in allowed(version)


def test_a_peers_spelling_is_understood_whatever_the_version():
    assert meaning("OccurenceConstraintViolation") is ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION
    assert meaning("OccurrenceConstraintViolation") is ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION
    assert meaning("Whatever") is None


@pytest.mark.parametrize("version", VERSIONS)
def test_versions_and_subprotocols_name_each_other(version):
    assert version_of(subprotocol(version)) == version
    assert as_version(str(version)) == version


def test_a_version_that_is_not_spoken_is_named_with_those_that_are():
    assert version_of("ocpp2.0") is None
    assert version_of(None) is None
    with pytest.raises(ValueError, match=r"'1.5' .*1\.6, 2\.0\.1, 2\.1"):
        as_version("1.5")
