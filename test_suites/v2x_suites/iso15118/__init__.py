"""ISO 15118-2, -20 and DIN SPEC 70121: requirements and rules."""
