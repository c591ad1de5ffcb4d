"""Hands and eyes for cases with an SECC under test."""

from v2x_suites.iso15118.hands import ac_ev, dc_ev, ev, link, secc_operator, secc_tls, secc_under_test, tls_ev

__all__ = ["ac_ev", "dc_ev", "ev", "link", "secc_operator", "secc_tls", "secc_under_test", "tls_ev"]
