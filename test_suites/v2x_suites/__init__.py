"""What conformance means: requirements, rules, cases, faults."""
