import inspect
import re
import subprocess
import sys

import pytest
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.grammar import Record
from v2x_architecture.iso15118.exi.messages import (
    iso2,
    iso20_ac,
    iso20_ac_der_iec,
    iso20_ac_der_sae,
    iso20_common_types,
    iso20_dc,
)


@pytest.mark.parametrize("schema", Schema)
def test_every_complex_type_has_its_class_and_every_field_its_attribute(schema):
    grammar = codec(schema).grammar
    for position in range(len(grammar.table.types)):
        kind = grammar.kind(position)
        if isinstance(kind, Record):
            names = set(kind.message.__struct_fields__)
            assert {use.name for use in kind.attributes} <= names
            assert {field.name for field in kind.shape.fields.values()} <= names


def test_types_of_minus_20_are_the_same_in_every_set():
    assert iso20_ac.RationalNumberType is iso20_dc.RationalNumberType is iso20_common_types.RationalNumberType


@pytest.mark.parametrize(
    ("kind", "field", "unit"),
    [
        (iso2.AC_EVChargeParameterType, "EAmount", "Wh"),
        (iso2.AC_EVChargeParameterType, "EVMaxVoltage", "V"),
        (iso2.DC_EVChargeParameterType, "EVMaximumPowerLimit", "W"),
        (iso2.DC_EVChargeParameterType, "FullSOC", "%"),
        (iso2.CurrentDemandReqType, "EVTargetCurrent", "A"),
        (iso2.CurrentDemandReqType, "RemainingTimeToFullSoC", "s"),
        (iso20_ac.BPT_AC_CPDReqEnergyTransferModeType, "EVMaximumDischargePower", "W"),
        (iso20_ac.BPT_Dynamic_AC_CLReqControlModeType, "EVMaximumV2XEnergyRequest", "Wh"),
        (iso20_ac.Dynamic_AC_CLReqControlModeType, "EVPresentReactivePower", "var"),
        (iso20_ac_der_iec.ZeroCurrentType, "StepResponseTimeConstantReactivePower", "s"),
        (iso20_ac_der_sae.LimitMaxDischargePowerType, "OpenLoopResponseTime", "s"),
        (iso20_dc.DC_ChargeLoopReqType, "EVPresentVoltage", "V"),
        (iso20_common_types.MessageHeaderType, "TimeStamp", "s since 1970-01-01 UTC"),
    ],
)
def test_a_docstring_tells_the_unit(kind, field, unit):
    assert f"        {field}: in {unit}" in inspect.getdoc(kind).replace("\n    ", "\n        ")


MONEY_AND_RADIO = {
    *("Amount", "CostPerUnit", "EnergyFee", "MaximumCost", "MinimumCost", "OverstayFee", "ParkingFee", "ServiceFee"),
    *("EIRP", "EVWLANStrength", "RSSI"),
    *("EVSEPowerRampLimitation", "PowerTolerance"),
    *("physicalValue", "rationalNumber", "startValue"),
}

RATIOS = {"DroopFactor", "PowerFactorValue", "DSOCosPhiSetpointValue", "MinCosPhi", "Slope", "MaximumLevelDCInjection"} | {
    *("EVSpecifiedOverExcitedPowerFactor", "EVSpecifiedUnderExcitedPowerFactor"),
    *("VoltageRideThroughNegativeCurveKFactor", "VoltageRideThroughPositiveCurveKFactor"),
}
TOLD_BESIDE = {
    *("xValue", "yValue", "SetpointValue", "LockInValue", "LockOutValue", "DSOQSetpointValue", "db"),
    *("VoltageLimitStartFRT", "VoltageLimitStopFRT", "VoltageRecoveryLimit"),
    *("OverVoltageRecoveryLimit", "UnderVoltageRecoveryLimit", "EnterServiceVoltageHigh", "EnterServiceVoltageLow"),
}
"""Values of grid support whose unit a field beside them, or the grid code that they come from, tells."""
WITHOUT_UNIT = MONEY_AND_RADIO | RATIOS | TOLD_BESIDE


@pytest.mark.parametrize("schema", Schema)
def test_every_physical_value_has_its_unit(schema):
    grammar = codec(schema).grammar
    for position in range(len(grammar.table.types)):
        kind = grammar.kind(position)
        for declared, field in kind.shape.fields.items() if isinstance(kind, Record) else ():
            if grammar.kind(grammar.table.elements[declared].type).name in ("PhysicalValueType", "RationalNumberType"):
                documented = "".join(inspect.getdoc(each) or "" for each in kind.message.__mro__)
                assert f"{field.name}: in " in documented or re.sub("_L[23]$", "", field.name) in WITHOUT_UNIT


def test_only_the_messages_that_are_used_are_loaded():
    program = (
        "import sys; from v2x_architecture.iso15118.exi import codec, Schema;"
        "codec(Schema.SAP).decode(bytes.fromhex('80400040'));"
        "print(*sorted(name.rpartition('.')[2] for name in sys.modules if '.exi.messages.' in name))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["app_protocol"]
