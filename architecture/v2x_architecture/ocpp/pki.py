"""The certificates that the security profiles of OCPP need, good ones and bad ones by name (2.0.1: A00; 1.6 security whitepaper).

    >>> pki = write_pki(Path("pki"))  # doctest: +SKIP
    >>> pki.csms, pki.bad_csms["expired"]  # doctest: +SKIP

Keys are EC P-256, RSA only where a peer needs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from v2x_architecture.pki import DAY, Authority, CredentialFiles, self_signed

BAD_CSMS: Final[Mapping[str, str]] = {
    "expired": "was valid until yesterday",
    "not_yet_valid": "becomes valid tomorrow",
    "wrong_host": "is for another host",
    "unknown_ca": "chains to a root that nobody trusts",
    "self_signed": "is signed by itself",
    "client_only": "may be used by TLS clients only",
    "weak": "has an RSA key of 1024 bits",
}
BAD_STATION: Final[Mapping[str, str]] = {
    "expired": "was valid until yesterday",
    "unknown_ca": "chains to a root that nobody trusts",
    "other_identity": "is another station's",
    "other_organisation": "is owned by another operator",
}


@dataclass(frozen=True, slots=True)
class PkiFiles:
    """A set of certificates on disk.

    Attributes:
        root: PEM of the root that both sides trust.
        csms: the CSMS's, EC.
        csms_rsa: the CSMS's, RSA (A00.FR.318 wants both kinds of cipher suite).
        station: the station's.
        bad_csms: faulty ones of a CSMS, by the names in ``BAD_CSMS``.
        bad_station: faulty ones of a station, by the names in ``BAD_STATION``.
    """

    root: Path
    csms: CredentialFiles
    csms_rsa: CredentialFiles
    station: CredentialFiles
    bad_csms: Mapping[str, CredentialFiles]
    bad_station: Mapping[str, CredentialFiles]


def write_pki(
    folder: Path,
    *,
    identity: str = "CS001",
    organisation: str = "Test CSO",
    hosts: Sequence[str] = ("localhost", "127.0.0.1", "::1"),
) -> PkiFiles:
    """Make a root, a CSMS and a station with a subordinate authority between, and the faulty variants; takes some 0.3 s.

    Args:
        folder: where to; made when missing.
        identity: CN of the station's certificate.
        organisation: O of the certificates.
        hosts: what the CSMS's certificate is for; the first is its CN.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = Authority.root("Test Root CA")
    authority = root.subordinate("Test Sub CA")
    stranger = Authority.root("Unknown Root CA")
    now = datetime.now(UTC)
    host, past = hosts[0], now - 30 * DAY

    csms = authority.issue(host, organisation=organisation, hosts=hosts)
    csms_rsa = authority.issue(host, organisation=organisation, hosts=hosts, algorithm="rsa2048")
    station = authority.issue(identity, organisation=organisation, usage="client")
    bad_csms = {
        "expired": authority.issue(host, hosts=hosts, not_before=past, validity=29 * DAY),
        "not_yet_valid": authority.issue(host, hosts=hosts, not_before=now + DAY),
        "wrong_host": authority.issue("csms.invalid", hosts=["csms.invalid"]),
        "unknown_ca": stranger.issue(host, hosts=hosts),
        "self_signed": self_signed(host, hosts),
        "client_only": authority.issue(host, hosts=hosts, usage="client"),
        "weak": authority.issue(host, hosts=hosts, algorithm="rsa1024"),
    }
    bad_station = {
        "expired": authority.issue(identity, organisation=organisation, usage="client", not_before=past, validity=29 * DAY),
        "unknown_ca": stranger.issue(identity, organisation=organisation, usage="client"),
        "other_identity": authority.issue(f"NOT-{identity}", organisation=organisation, usage="client"),
        "other_organisation": authority.issue(identity, organisation="Another CSO", usage="client"),
    }
    (folder / "root.pem").write_bytes(root.pem())
    return PkiFiles(
        root=folder / "root.pem",
        csms=csms.write(folder, "csms"),
        csms_rsa=csms_rsa.write(folder, "csms-rsa"),
        station=station.write(folder, "station"),
        bad_csms={name: bad.write(folder, f"csms-{name}") for name, bad in bad_csms.items()},
        bad_station={name: bad.write(folder, f"station-{name}") for name, bad in bad_station.items()},
    )
