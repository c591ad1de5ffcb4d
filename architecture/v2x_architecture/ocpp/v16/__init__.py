"""The OCPP 1.6J behaviour of the reference charging station: a charge point, on the core that it shares with 2.0.1."""
