"""Subject files of products that need not be waited for long."""

from __future__ import annotations


def subject(role: str = "csms", endpoint: str = "", operator: str = 'kind = "none"', version: str = "2.0.1") -> str:
    """Return the text of a subject file.

    Args:
        endpoint: lines of ``[endpoint]``.
        operator: lines of ``[operator]``.
    """
    return f"""
[subject]
name = "bad"
roles = [{{ role = "{role}", protocol = "ocpp", versions = ["{version}"] }}]
[endpoint]
identity = "CS001"
{endpoint}
[pixit]
answer = 0.8
settle = 1.2
reboot = 1.5
connect = 2
quiet = 0.5
[operator]
{operator}
"""
