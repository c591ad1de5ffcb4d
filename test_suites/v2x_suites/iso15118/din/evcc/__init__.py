"""Cases with an EVCC under test, DIN SPEC 70121."""

from v2x_harness.case import Suite

case = Suite("iso15118", "din", "evcc")
