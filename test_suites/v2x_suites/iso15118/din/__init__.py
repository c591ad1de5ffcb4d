"""Cases of DIN SPEC 70121."""
