"""Cases with a charging station management system (CSMS) under test, OCPP 2.0.1."""

from v2x_harness.case import Suite

case = Suite("ocpp", "2.0.1", "csms")
