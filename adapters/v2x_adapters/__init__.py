"""What stands between the harness and a product: taps, operators, product adapters."""
