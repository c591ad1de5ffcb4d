"""The test PKI of a lane: which side shows which certificate, and trusts which root."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from v2x_adapters.tls_probe import read_certificate
from v2x_architecture.iso15118.pki import ALGORITHMS, V2gPki, V2gPkiFiles, make_pki
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls
from v2x_architecture.pki import Usage
from v2x_harness.events import Json
from v2x_harness.subject import Subject


class Certificates:
    """Of one lane. A subject that runs by itself has certificates of its own; ``endpoint`` says which files are for our side.

    Args:
        subject: PIXIT ``tls`` says whether its sessions have TLS; those of 15118-20 do where it says nothing.
        version: of the standard.
        workdir: the PKI is made beside it, once for all lanes.

    Attributes:
        usual: whether sessions have TLS where a case does not ask for it; `tls` whether they have now.
    """

    def __init__(self, subject: Subject, version: str, workdir: Path) -> None:
        self._endpoint, self._folder = subject.endpoint, workdir.parent / f"pki-{version}"
        self.usual = self.tls = bool(subject.pixit.values.get("tls", version == "20"))
        self._profile = Profile.ISO20 if version == "20" else Profile.ISO2
        self._version = version

    @cached_property
    def files(self) -> V2gPkiFiles:
        """The test PKI on disk, with its faulty certificates."""
        return pki_in(self._folder, self._version)[1]

    @property
    def pki(self) -> V2gPki:
        """The test PKI, with its keys."""
        return pki_in(self._folder, self._version)[0]

    @property
    def v2g_roots(self) -> tuple[x509.Certificate, ...]:
        """The roots that an SECC's certificate may chain to."""
        given = (read_certificate(Path(self._endpoint.ca)),) if self._endpoint.ca else ()
        return (self.pki.v2g_root.credential.certificate, *given)

    def secc_tls(self) -> SeccTls | None:
        """Return the SECC's side, as our tap or our SECC shows it to an EVCC; None without TLS."""
        if not self.tls:
            return None
        certificate, key = self._endpoint.certificate, self._endpoint.key
        if certificate and key:
            return SeccTls(Path(certificate), Path(key), (), self._profile)
        roots = (self.files.oem_root,) if self._profile is Profile.ISO20 else ()
        return SeccTls(self.files.secc.certificate, self.files.secc.key, roots, self._profile)

    def evcc_tls(self) -> EvccTls | None:
        """Return the EVCC's side, as our EVCC or our tap shows it to an SECC; None without TLS."""
        if not self.tls:
            return None
        vehicle = self.files.vehicle if self._profile is Profile.ISO20 else None
        certificate, key = (vehicle.certificate, vehicle.key) if vehicle is not None else (None, None)
        roots = [self.files.v2g_root, *([Path(self._endpoint.ca)] if self._endpoint.ca else [])]
        return EvccTls(tuple(roots), certificate, key, self._profile)

    def another_vehicle(self) -> EvccTls:
        """Return the side of another EV of the same make; its OEM has signed for it, too."""
        return self._another("oem-sub2", "WV2XE0000000000B2", "OEM", "client", self.evcc_tls())

    def another_secc(self) -> SeccTls:
        """Return the side of another SECC of the same operator."""
        return self._another("cpo-sub2", "DEV2XE000002", "CPO", "server", self.secc_tls())

    def _another[T: (EvccTls, SeccTls)](self, authority: str, name: str, domain: str, usage: Usage, usual: T | None) -> T:
        """Return a side like the usual one, with a certificate of its own."""
        assert usual is not None
        signer, folder = self.pki.authorities[authority], self._folder
        kind = ALGORITHMS["20" if self._version == "20" else "2"][0]
        made = signer.issue(name, domain=domain, usage=usage, algorithm=kind, validity=timedelta(days=30))
        files = made.write(folder, f"another-{domain.lower()}")
        return replace(usual, certificate=files.certificate, key=files.key)

    def of_subject(self, role: str) -> dict[str, Json]:
        """Return the settings that a product which the harness starts is given."""
        if not self.tls:
            return {}
        files = self.files
        given = {"v2g_root": files.v2g_root, "vehicle_certificate": files.vehicle.certificate, "vehicle_key": files.vehicle.key}
        if role == "secc":
            given = {"certificate": files.secc.certificate, "key": files.secc.key, "v2g_root": files.v2g_root}
        if role == "secc" and self._profile is Profile.ISO20:
            given["oem_root"] = files.oem_root
        if role == "evcc" and self._profile is not Profile.ISO20:
            given = {"v2g_root": files.v2g_root}
        return {"tls": True, "tls_only": True, **{name: str(path) for name, path in given.items()}}


_MADE: dict[Path, tuple[V2gPki, V2gPkiFiles]] = {}


def pki_in(folder: Path, version: str) -> tuple[V2gPki, V2gPkiFiles]:
    """Return the test PKI of a folder, in memory and on disk; it is made when it is asked for first.

    Args:
        folder: where it is written.
        version: ``20`` has other algorithms than the older editions.
    """
    if folder not in _MADE:
        made = make_pki("20" if version == "20" else "2")
        _MADE[folder] = made, made.write(folder)
    return _MADE[folder]
