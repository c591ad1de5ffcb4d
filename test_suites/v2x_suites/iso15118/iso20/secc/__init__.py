"""Cases with an SECC under test, ISO 15118-20."""

from v2x_harness.case import Suite

case = Suite("iso15118", "20", "secc")
