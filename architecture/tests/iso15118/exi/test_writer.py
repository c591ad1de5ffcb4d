import pytest
from v2x_architecture.iso15118.exi import Child, EncodeError, Nil, Node, Schema, codec
from v2x_architecture.iso15118.exi.messages import iso2, xmldsig

KNOWN = codec(Schema.ISO2)


def message(body, *, session=b"\0" * 8, signature=None):
    header = iso2.MessageHeaderType(SessionID=session, Signature=signature)
    return iso2.V2G_Message(Header=header, Body=iso2.BodyType(BodyElement=body))


def tariff(**changes):
    fields = {
        "SalesTariffID": 1,
        "SalesTariffEntry": [iso2.SalesTariffEntryType(TimeInterval=iso2.RelativeTimeIntervalType(start=0))],
    }
    return iso2.SalesTariffType(**(fields | changes))


def failure(*arguments, **keywords):
    with pytest.raises(EncodeError) as caught:
        KNOWN.encode(message(*arguments, **keywords))
    assert caught.value.fault == "local"
    return caught.value


def test_a_value_of_the_wrong_type_is_named_by_its_path():
    error = failure(iso2.SessionSetupReqType(EVCCID="00"))
    assert error.path == "/V2G_Message/Body/SessionSetupReq/EVCCID"
    assert error.text == "'00' is not of type bytes"


def test_an_enumeration_takes_its_values_only():
    error = failure(iso2.PowerDeliveryReqType(ChargeProgress="Go", SAScheduleTupleID=1))
    assert error.text == "'Go' is no value of chargeProgressType"


def test_a_required_field_cannot_be_left_out():
    error = failure(iso2.PowerDeliveryReqType(ChargeProgress=None, SAScheduleTupleID=1))
    assert error.path == "/V2G_Message/Body/PowerDeliveryReq/SAScheduleTupleID"
    assert error.text == "SAScheduleTupleID does not belong here; ChargeProgress does"


def test_a_required_attribute_cannot_be_left_out():
    parameter = iso2.ParameterType(Name=None, boolValue=True)
    sets = iso2.ServiceParameterListType(ParameterSet=[iso2.ParameterSetType(ParameterSetID=1, Parameter=[parameter])])
    error = failure(iso2.ServiceDetailResType(ResponseCode="OK", ServiceID=1, ServiceParameterList=sets))
    assert error.path.endswith("/ServiceDetailRes/ServiceParameterList/ParameterSet/0/Parameter/0/boolValue")
    assert error.text == "boolValue does not belong here; Name does"


def test_a_choice_takes_one_of_its_fields():
    parameter = iso2.ParameterType(Name="x", boolValue=True, intValue=1)
    sets = iso2.ServiceParameterListType(ParameterSet=[iso2.ParameterSetType(ParameterSetID=1, Parameter=[parameter])])
    error = failure(iso2.ServiceDetailResType(ResponseCode="OK", ServiceID=1, ServiceParameterList=sets))
    assert error.text == "intValue does not belong here; its end does"


def test_only_members_of_the_substitution_group_may_stand_for_its_head():
    error = failure(iso2.DC_EVStatusType(EVReady=True, EVErrorCode="NO_ERROR", EVRESSSOC=1))
    assert error.path == "/V2G_Message/Body/BodyElement"
    assert error.text.startswith("BodyElement does not belong here; AuthorizationReq or ")


def test_a_list_has_its_least_and_most_members():
    def written(entries):
        schedule = iso2.PMaxScheduleType(PMaxScheduleEntry=entries)
        tuples = [iso2.SAScheduleTupleType(SAScheduleTupleID=1, PMaxSchedule=schedule)]
        return KNOWN.encode_fragment(iso2.SAScheduleListType(SAScheduleTuple=tuples), "SAScheduleList")

    entry = iso2.PMaxScheduleEntryType(
        TimeInterval=iso2.RelativeTimeIntervalType(start=0), PMax=iso2.PhysicalValueType(Multiplier=0, Unit="W", Value=1)
    )
    assert len(KNOWN.decode_fragment(written([entry] * 1024)).message.SAScheduleTuple[0].PMaxSchedule.PMaxScheduleEntry) == 1024
    with pytest.raises(EncodeError, match="its end does not belong here; PMaxScheduleEntry does"):
        written([])
    with pytest.raises(EncodeError, match=r"does not belong here; its end does \(in .*/PMaxScheduleEntry/1024\)"):
        written([entry] * 1025)
    with pytest.raises(EncodeError, match="is no list"):
        written(None)


def test_another_class_than_the_types_own_is_refused():
    with pytest.raises(EncodeError, match="a int stands where a SalesTariffType belongs"):
        KNOWN.encode_fragment(7, "SalesTariff")
    with pytest.raises(EncodeError, match="a PhysicalValueType stands where"):
        KNOWN.encode_fragment(iso2.PhysicalValueType(Multiplier=0, Unit="W", Value=1), "SalesTariff")
    assert KNOWN.decode_fragment(KNOWN.encode_fragment(tariff(Id="a"), "SalesTariff")).message == tariff(Id="a")


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (3, "3 is neither text nor a Child"),
        (Child("KeyName", 3), "3 is no string"),
        (Child("Nothing", 3), "Nothing does not belong here"),
        (Child("a", 3, "urn:u"), "no schema declares a of urn:u; its value is no Node"),
        (Child("a", 3, "urn:u", "{urn:u}t"), "there is no type {urn:u}t for a"),
        (Child("a", Node([("", "k", 5)]), "urn:u"), "5 is no string"),
        (Child("a", Node([], ["x", 5]), "urn:u"), "5 is neither text nor a Child"),
        (Child("a", Node([], [Child("b", Node([], ["\ud800"]))]), "urn:u"), "0xd800 is no character"),
    ],
)
def test_open_content_is_checked_item_by_item(item, text):
    with pytest.raises(EncodeError, match=text) as caught:
        KNOWN.encode_fragment(xmldsig.KeyInfoType(content=["first", item]), "KeyInfo")
    assert caught.value.path.startswith("/KeyInfo/content/1")


def test_a_wildcard_lets_in_no_more_than_it_says():
    with pytest.raises(EncodeError, match="a does not belong here; its end or CH ") as caught:
        KNOWN.encode_fragment(xmldsig.KeyValueType(content=[Child("a", Node())] * 2), "KeyValue")
    assert caught.value.path == "/KeyValue/content/1/a"


def test_what_is_nil_has_the_attributes_of_its_element_only():
    error = failure(Nil({"Other": 1}, "AuthorizationReq"))
    assert (error.path, error.text) == ("/V2G_Message/Body/AuthorizationReq", "AuthorizationReqType has no attribute Other")
    assert failure(Nil({"Id": 1}, "AuthorizationReq")).path == "/V2G_Message/Body/AuthorizationReq/Id"
    assert failure(Nil(name="Nothing")).text.startswith("BodyElement does not belong here; AuthorizationReq or ")


def test_text_stands_in_mixed_content_only():
    with pytest.raises(EncodeError, match="text does not belong here"):
        KNOWN.encode_fragment(xmldsig.X509DataType(content=["text"]), "X509Data")
