"""ISO 15118-2, ISO 15118-20 and DIN SPEC 70121: what a vehicle and a charging station say to each other."""
