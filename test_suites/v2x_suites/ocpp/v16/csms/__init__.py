"""Cases with a charging station management system (CSMS) under test, OCPP 1.6."""

from v2x_harness.case import Suite

case = Suite("ocpp", "1.6", "csms")
