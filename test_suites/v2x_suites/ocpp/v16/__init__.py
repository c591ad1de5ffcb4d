"""Cases of OCPP 1.6."""
