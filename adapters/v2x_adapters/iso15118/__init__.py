"""ISO 15118's actors as products of a cast: our SECC and EVCC, and where they find each other."""
