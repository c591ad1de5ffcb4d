"""Cases with an SECC under test, DIN SPEC 70121."""

from v2x_harness.case import Suite

case = Suite("iso15118", "din", "secc")
