"""Hands and eyes for cases with an EVCC under test."""

from v2x_suites.iso15118.hands import ac_se, dc_se, evcc_operator, evcc_tls, evcc_under_test, link, se, tls_se

__all__ = ["ac_se", "dc_se", "evcc_operator", "evcc_tls", "evcc_under_test", "link", "se", "tls_se"]
