import pytest
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.events import Event
from v2x_architecture.iso15118.exi.fast import chain_from
from v2x_architecture.iso15118.exi.grammar import Record


def expanded(kind: Record):
    state = kind.start
    state.expand()
    return state


@pytest.mark.parametrize(
    ("schema", "documents", "fragments"),
    [
        (Schema.SAP, 2, 4),
        (Schema.DIN, 7, 8),
        (Schema.ISO2, 7, 8),
        (Schema.CM, 6, 9),
        (Schema.AC, 6, 8),
        (Schema.AC_DER_IEC, 6, 9),
        (Schema.AC_DER_SAE, 6, 9),
        (Schema.DC, 6, 8),
        (Schema.ACDP, 6, 8),
        (Schema.WPT, 6, 8),
        (Schema.XMLDSIG, 5, 6),
    ],
)
def test_documents_and_fragments_have_the_event_codes_of_their_set(schema, documents, fragments):
    grammar = codec(schema).grammar
    assert (grammar.document_width, grammar.fragment_width) == (documents, fragments)


@pytest.mark.parametrize(("schema", "code"), [(Schema.DIN, 77), (Schema.ISO2, 76)])
def test_the_message_of_din_and_iso2_has_its_known_code(schema, code):
    assert codec(schema).grammar.document_codes["V2G_Message"] == code


def test_a_substitution_group_is_in_the_order_of_its_names_with_its_abstract_head():
    grammar = codec(Schema.ISO2).grammar
    body = next(grammar.kind(k) for k, kind in enumerate(grammar.table.types) if kind.name == "BodyType")
    state = expanded(body)
    names = [production.name for production in state.productions if production.event is Event.SE]
    assert names == sorted(names)
    assert "BodyElement" in names
    assert state.productions[-1].event is Event.EE
    assert state.width == 6


def test_attributes_come_before_content_and_a_required_one_alone():
    grammar = codec(Schema.ISO2).grammar
    kinds = {kind.name: grammar.kind(k) for k, kind in enumerate(grammar.table.types)}
    parameter = expanded(kinds["ParameterType"])
    assert [(each.event, each.name) for each in parameter.productions] == [(Event.AT, "Name")]
    tariff = expanded(kinds["SalesTariffType"])
    assert [(each.event, each.name) for each in tariff.productions] == [(Event.AT, "Id"), (Event.SE, "SalesTariffID")]


def test_states_come_to_be_when_a_message_visits_them():
    grammar = codec(Schema.CM).grammar
    kinds = {kind.name: grammar.kind(k) for k, kind in enumerate(grammar.table.types)}
    schedule = kinds["PowerScheduleEntryListType"]
    state = expanded(schedule)
    for _ in range(1023):
        assert [each.name for each in state.productions if each.event is Event.SE] == ["PowerScheduleEntry"]
        state = state.productions[0].next
        state.expand()
    last = state.productions[0].next
    assert last is None or state.productions[0].event is not Event.EE
    last.expand()
    assert [each.event for each in last.productions] == [Event.EE]


def test_what_must_follow_is_read_in_one_go():
    grammar = codec(Schema.ISO2).grammar
    kinds = {kind.name: grammar.kind(k) for k, kind in enumerate(grammar.table.types)}
    chain = chain_from(kinds["PhysicalValueType"].start)
    values, end = chain.pieces
    # Events and three bits of Multiplier, events and three bits of Unit, then the events before Value, which is read after them.
    assert (values.width, values.zeros, values.field) == (14, 0b11_000_111_000_111, "Value")
    assert [field for field, *_ in values.fields] == ["Multiplier", "Unit"]
    assert (end.width, end.zeros, end.field, chain.after) == (2, 0b11, "", None)


def test_deviations_depend_on_where_in_its_element_a_state_is():
    grammar = codec(Schema.ISO2).grammar
    kinds = {kind.name: grammar.kind(k) for k, kind in enumerate(grammar.table.types)}
    first = expanded(kinds["SignatureValueType"])
    assert [event for event, _ in first.deviations()] == [
        Event.EE,
        Event.AT_TYPE,
        Event.AT_NIL,
        Event.AT_ANY,
        Event.AT_UNTYPED,
        Event.SE_ANY,
        Event.CH_UNTYPED,
    ]
    after_attribute = first.productions[0].next
    after_attribute.expand()
    assert [event for event, _ in after_attribute.deviations()] == [
        Event.EE,
        Event.AT_ANY,
        Event.AT_UNTYPED,
        Event.SE_ANY,
        Event.CH_UNTYPED,
    ]
    after_text = after_attribute.productions[0].next
    after_text.expand()
    assert [event for event, _ in after_text.deviations()] == [Event.SE_ANY, Event.CH_UNTYPED]


@pytest.mark.parametrize("schema", Schema)
def test_names_of_several_types_are_those_of_text_and_numbers(schema):
    grammar = codec(schema).grammar
    models, elements = grammar.table.types, grammar.table.elements
    several = [each for each in grammar.fragments if len({elements[position].type for position in each}) > 1]
    assert [elements[each[0]].name for each in several] == {
        Schema.ISO2: ["eMAID"],
        Schema.AC_DER_IEC: ["IntentionalDelayPowerControl"],
    }.get(schema, [])
    types = {}
    for model in models if several else ():
        for use in getattr(model, "attributes", ()):
            assert types.setdefault((use.name, use.namespace), models[use.type]) == models[use.type]
