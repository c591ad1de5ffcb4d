"""The events of a grammar, and what the fast reader does at them."""

from __future__ import annotations

from enum import Enum

ONE, MANY, END, OTHER = range(4)
"""What the reader does at a production: set a field, add to a field, end the element, or leave it to the careful reader."""


END_KEY, MIXED_KEY, WILDCARD_KEY = "/", "/text", "/any"
"""What the writer finds the end, text between elements, and wildcards by; fields are found by their names."""


class Event(Enum):
    """What a production stands for (EXI 1.0, table 8-1)."""

    SE = "SE"
    SE_ANY = "SE(*)"
    EE = "EE"
    AT = "AT"
    AT_TYPE = "AT(xsi:type)"
    AT_NIL = "AT(xsi:nil)"
    AT_ANY = "AT(*)"
    AT_UNTYPED = "AT [untyped value]"
    CH = "CH"
    CH_UNTYPED = "CH [untyped value]"


class Stage(Enum):
    """Where in its element a state is; deviations differ (EXI 1.0, 8.5.4.4.1)."""

    FIRST = "first"
    TAG = "tag"
    CONTENT = "content"
