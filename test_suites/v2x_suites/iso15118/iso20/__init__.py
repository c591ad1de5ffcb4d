"""Cases of ISO 15118-20."""
