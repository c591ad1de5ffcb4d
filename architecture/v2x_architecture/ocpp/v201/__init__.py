"""The 2.0.1 side of the reference station: a module for each functional block, on `v2x_architecture.ocpp.station`."""
