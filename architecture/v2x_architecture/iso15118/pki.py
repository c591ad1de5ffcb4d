"""The certificates of ISO 15118: the V2G root and those below it, those of manufacturers and mobility operators, and faulty ones.

Names, lifetimes and chains are those of the standards' certificate profiles (15118-2: annex F; 15118-20: annex B), keys those of
the edition: P-256 for 15118-2, P-521 or Ed448 for 15118-20.

    V2G root ─ CPO Sub 1 ─ CPO Sub 2 ─ SECC          (TLS server)
             └ CPS Sub 1 ─ CPS Sub 2 ─ CPS           (signs what provisions contracts)
    OEM root ─ OEM Sub 1 ─ OEM Sub 2 ─ provisioning  (identifies the EV)
                                     └ vehicle       (TLS client, 15118-20)
    MO root  ─ MO Sub 1  ─ MO Sub 2  ─ contract      (Plug and Charge)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.x509.oid import NameOID

from v2x_architecture.pki import DAY, Algorithm, Authority, Credential, CredentialFiles

type Edition = Literal["2", "20"]

ALGORITHMS: Final[Mapping[Edition, tuple[Algorithm, ...]]] = {"2": ("p256",), "20": ("p521", "ed448")}
"""Keys that an edition allows, the usual one first ([V2G20-1667])."""

# Lifetimes in days.
_ROOT, _SUB, _CPO_SUB_2, _CPS_SUB_2 = 3650, 1460, 365, 730
_SECC, _CPS, _OEM, _CONTRACT = 60, 90, 1460, 730

BAD_SECC: Final[Mapping[str, str]] = {
    "expired": "was valid until yesterday",
    "not_yet_valid": "becomes valid tomorrow",
    "wrong_usage": "may be used by TLS clients only",
    "wrong_chain": "is signed by a mobility operator's authority",
    "wrong_domain": "is a CPS's by its domain component",
    "unknown_root": "chains to a root that nobody trusts",
    "twin_root": "chains to a root of the same name as the V2G root, with another key",
    "path_length": "stands below one authority more than the path length allows",
    "leaf_by_leaf": "is signed with a SECC's certificate, which is no authority",
    "weak_key": "has a P-192 key",
    "other_algorithm": "has an Ed448 key below authorities with ECDSA keys; in 15118-20 with Ed448, a P-256 key",
    "wrong_curve": "has a key on the other edition's curve",
    "usage_not_critical": "has a key usage that is not marked as critical",
}
BAD_VEHICLE: Final[Mapping[str, str]] = {
    "expired": "was valid until yesterday",
    "not_yet_valid": "becomes valid tomorrow",
    "wrong_usage": "may be used by TLS servers only",
    "wrong_chain": "is signed by a CPO's authority",
    "unknown_root": "chains to a root that nobody trusts",
    "weak_key": "has a P-192 key",
}


@dataclass(frozen=True, slots=True)
class V2gPki:
    """A whole set, in memory.

    Attributes:
        v2g_root, oem_root, mo_root: the roots.
        authorities: by name, those between the roots and the leaves: ``cpo-sub1``, ``cpo-sub2``, ``cps-…``, ``oem-…``, ``mo-…``.
        secc, cps, oem, vehicle, contract: the leaves.
        bad_secc: faulty ones of a SECC, by the names in ``BAD_SECC``.
        bad_vehicle: faulty ones of an EV, by the names in ``BAD_VEHICLE``.
    """

    v2g_root: Authority
    oem_root: Authority
    mo_root: Authority
    authorities: Mapping[str, Authority]
    secc: Credential
    cps: Credential
    oem: Credential
    vehicle: Credential
    contract: Credential
    bad_secc: Mapping[str, Credential]
    bad_vehicle: Mapping[str, Credential]

    def write(self, folder: Path) -> V2gPkiFiles:
        """Write everything as PEM: roots and authorities by their names, leaves with their chains and keys.

        Args:
            folder: made when missing.
        """
        folder.mkdir(parents=True, exist_ok=True)
        roots = {"v2g-root": self.v2g_root, "oem-root": self.oem_root, "mo-root": self.mo_root}
        for name, authority in (*roots.items(), *self.authorities.items()):
            authority.credential.write(folder, name)
        return V2gPkiFiles(
            v2g_root=folder / "v2g-root.pem",
            oem_root=folder / "oem-root.pem",
            mo_root=folder / "mo-root.pem",
            secc=self.secc.write(folder, "secc"),
            cps=self.cps.write(folder, "cps"),
            oem=self.oem.write(folder, "oem"),
            vehicle=self.vehicle.write(folder, "vehicle"),
            contract=self.contract.write(folder, "contract"),
            bad_secc={name: bad.write(folder, f"secc-{name}") for name, bad in self.bad_secc.items()},
            bad_vehicle={name: bad.write(folder, f"vehicle-{name}") for name, bad in self.bad_vehicle.items()},
        )


@dataclass(frozen=True, slots=True)
class V2gPkiFiles:
    """A whole set on disk; its parts are those of `V2gPki`."""

    v2g_root: Path
    oem_root: Path
    mo_root: Path
    secc: CredentialFiles
    cps: CredentialFiles
    oem: CredentialFiles
    vehicle: CredentialFiles
    contract: CredentialFiles
    bad_secc: Mapping[str, CredentialFiles]
    bad_vehicle: Mapping[str, CredentialFiles]


def make_pki(
    edition: Edition = "2",
    algorithm: Algorithm | None = None,
    *,
    secc: str = "DEV2XE000001",
    pcid: str = "WV2XE0000000000A1",
    emaid: str = "DEV2XC0000001A",
) -> V2gPki:
    """Make a set; takes some tenths of a second.

    Args:
        edition: of ISO 15118, which decides about the keys.
        algorithm: of the keys, one that the edition allows; its usual one when None.
        secc: CN of the SECC's certificate.
        pcid: CN of the EV's provisioning certificate, and of the vehicle's.
        emaid: CN of the contract's.

    Raises:
        ValueError: the edition does not allow keys of that kind.
    """
    kind = algorithm or ALGORITHMS[edition][0]
    if kind not in ALGORITHMS[edition]:
        raise ValueError(f"ISO 15118-{edition} has no keys of kind {kind}; it has {', '.join(ALGORITHMS[edition])}")
    roots = {name: _root(name, kind) for name in ("V2G", "OEM", "MO")}
    authorities = (
        _authorities(roots["V2G"], "CPO", "V2G", kind, _CPO_SUB_2)
        | _authorities(roots["V2G"], "CPS", "V2G", kind, _CPS_SUB_2)
        | _authorities(roots["OEM"], "OEM", "OEM", kind, _SUB)
        | _authorities(roots["MO"], "MO", "MO", kind, _SUB)
    )
    oem = authorities["oem-sub2"]
    good = authorities["cpo-sub2"].issue(secc, domain="CPO", algorithm=kind, validity=_SECC * DAY)
    return V2gPki(
        v2g_root=roots["V2G"],
        oem_root=roots["OEM"],
        mo_root=roots["MO"],
        authorities=authorities,
        secc=good,
        cps=authorities["cps-sub2"].issue("CPS", domain="CPS", usage="signature", algorithm=kind, validity=_CPS * DAY),
        oem=oem.issue(pcid, domain="OEM", usage="signature", algorithm=kind, validity=_OEM * DAY),
        vehicle=oem.issue(pcid, domain="OEM", usage="client", algorithm=kind, validity=_OEM * DAY),
        contract=authorities["mo-sub2"].issue(emaid, domain="MO", usage="signature", algorithm=kind, validity=_CONTRACT * DAY),
        bad_secc=_bad_secc(secc, kind, authorities, good),
        bad_vehicle=_bad_vehicle(pcid, kind, authorities),
    )


def objection(certificate: bytes, domain: Literal["CPO", "CPS", "OEM", "MO"], edition: Edition) -> str | None:
    """Return what the profile has against a leaf certificate whose chain is good; None for nothing.

    TLS itself asks for chain, time and purpose only: the rest is for who speaks ISO 15118 to look at.

    Args:
        certificate: in DER, as the peer showed it.
        domain: whose kind it must be of.
        edition: of ISO 15118, which decides about the key.

    Raises:
        ValueError: it is no certificate.
    """
    leaf = x509.load_der_x509_certificate(certificate)
    found = [str(each.value) for each in leaf.subject.get_attributes_for_oid(NameOID.DOMAIN_COMPONENT)]
    # 15118-20 calls the CPO a CSO, and stacks write either.
    allowed = ("CPO", "CSO") if (domain, edition) == ("CPO", "20") else (domain,)
    if not any(each in allowed for each in found):
        return f"its domain component is {', '.join(found) or 'missing'}, not {domain}"
    kind = _kind(leaf)
    if kind not in ALGORITHMS[edition]:
        return f"its key is {kind}; ISO 15118-{edition} has {', '.join(ALGORITHMS[edition])}"
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        return "it has no key usage"
    if not usage.critical:
        return "its key usage is not marked as critical"
    return None if usage.value.digital_signature else "its key usage allows no signatures"


def _kind(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return {"secp256r1": "p256", "secp521r1": "p521"}.get(key.curve.name, key.curve.name)
    return "ed448" if isinstance(key, ed448.Ed448PublicKey) else type(key).__name__.removesuffix("PublicKey").lower()


def _root(name: str, algorithm: Algorithm) -> Authority:
    return Authority.root(f"{name} Root CA", domain=name, algorithm=algorithm, validity=_ROOT * DAY)


def _authorities(root: Authority, name: str, domain: str, algorithm: Algorithm, second: int) -> dict[str, Authority]:
    """Make the two authorities between a root and its leaves."""
    one = root.subordinate(f"{name} Sub-CA 1", domain=domain, algorithm=algorithm, path_length=1, validity=_SUB * DAY)
    two = one.subordinate(f"{name} Sub-CA 2", domain=domain, algorithm=algorithm, path_length=0, validity=second * DAY)
    return {f"{name.lower()}-sub1": one, f"{name.lower()}-sub2": two}


def _bad_secc(name: str, kind: Algorithm, authorities: Mapping[str, Authority], good: Credential) -> dict[str, Credential]:
    cpo, now = authorities["cpo-sub2"], datetime.now(UTC)
    life = _SECC * DAY
    other: Algorithm = "p256" if kind == "ed448" else "ed448"
    curve: Algorithm = "p521" if kind == "p256" else "p256"

    def below(root: Authority) -> Authority:
        return _authorities(root, "CPO", "V2G", kind, _CPO_SUB_2)["cpo-sub2"]

    too_deep = cpo.subordinate("CPO Sub-CA 3", domain="V2G", algorithm=kind, path_length=0, validity=timedelta(days=_CPO_SUB_2))
    makers: dict[str, Callable[[], Credential]] = {
        "expired": lambda: cpo.issue(name, domain="CPO", algorithm=kind, not_before=now - life, validity=life - DAY),
        "not_yet_valid": lambda: cpo.issue(name, domain="CPO", algorithm=kind, not_before=now + DAY, validity=life),
        "wrong_usage": lambda: cpo.issue(name, domain="CPO", algorithm=kind, usage="client", validity=life),
        "wrong_chain": lambda: authorities["mo-sub2"].issue(name, domain="CPO", algorithm=kind, validity=life),
        "wrong_domain": lambda: cpo.issue(name, domain="CPS", algorithm=kind, validity=life),
        "unknown_root": lambda: below(_root("Unknown", kind)).issue(name, domain="CPO", algorithm=kind, validity=life),
        "twin_root": lambda: below(_root("V2G", kind)).issue(name, domain="CPO", algorithm=kind, validity=life),
        "path_length": lambda: too_deep.issue(name, domain="CPO", algorithm=kind, validity=life),
        "leaf_by_leaf": lambda: Authority(good).issue(name, domain="CPO", algorithm=kind, validity=life),
        "weak_key": lambda: cpo.issue(name, domain="CPO", algorithm="p192", validity=life),
        "other_algorithm": lambda: cpo.issue(name, domain="CPO", algorithm=other, validity=life),
        "wrong_curve": lambda: cpo.issue(name, domain="CPO", algorithm=curve, validity=life),
        "usage_not_critical": lambda: cpo.issue(name, domain="CPO", algorithm=kind, validity=life, critical_usage=False),
    }
    return {bad: makers[bad]() for bad in BAD_SECC}


def _bad_vehicle(name: str, kind: Algorithm, authorities: Mapping[str, Authority]) -> dict[str, Credential]:
    oem, now = authorities["oem-sub2"], datetime.now(UTC)
    life = _OEM * DAY
    stranger = _authorities(_root("Unknown", kind), "OEM", "OEM", kind, _SUB)["oem-sub2"]
    makers: dict[str, Callable[[], Credential]] = {
        "expired": lambda: oem.issue(
            name, domain="OEM", usage="client", algorithm=kind, not_before=now - life, validity=life - DAY
        ),
        "not_yet_valid": lambda: oem.issue(
            name, domain="OEM", usage="client", algorithm=kind, not_before=now + DAY, validity=life
        ),
        "wrong_usage": lambda: oem.issue(name, domain="OEM", usage="server", algorithm=kind, validity=life),
        "wrong_chain": lambda: authorities["cpo-sub2"].issue(name, domain="OEM", usage="client", algorithm=kind, validity=life),
        "unknown_root": lambda: stranger.issue(name, domain="OEM", usage="client", algorithm=kind, validity=life),
        "weak_key": lambda: oem.issue(name, domain="OEM", usage="client", algorithm="p192", validity=life),
    }
    return {bad: makers[bad]() for bad in BAD_VEHICLE}
