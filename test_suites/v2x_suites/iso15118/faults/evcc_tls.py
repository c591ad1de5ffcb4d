"""EVCCs with one thing wrong each in their TLS."""

from __future__ import annotations

import dataclasses
import ssl
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from v2x_adapters.iso15118 import reference
from v2x_adapters.iso15118.reference import ReferenceEvccProduct
from v2x_architecture.iso15118.tls import EvccTls, Profile
from v2x_harness.operator import Placement


@dataclass(frozen=True, slots=True)
class _Bent(EvccTls):
    """A side of TLS whose context is bent before it is used."""

    bend: Callable[[ssl.SSLContext], None] = lambda _: None

    def context(self) -> ssl.SSLContext:
        """Build the context."""
        context = EvccTls.context(self)
        self.bend(context)
        return context


def _bent(tls: EvccTls, bend: Callable[[ssl.SSLContext], None]) -> EvccTls:
    values = {each.name: getattr(tls, each.name) for each in dataclasses.fields(EvccTls)}
    return _Bent(**values, bend=bend)


class _Evcc(ReferenceEvccProduct, ABC):
    """An EVCC whose TLS is changed before it is plugged in."""

    def tls(self, placement: Placement) -> EvccTls | None:
        """Return its side, changed where it has one."""
        tls = reference.evcc_tls(placement)
        return self.changed(tls) if tls is not None else None

    @abstractmethod
    def changed(self, tls: EvccTls) -> EvccTls:
        """Return what is wrong instead of what is good."""


class TrustsAnybody(_Evcc):
    """Checks no certificate."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Have it checked by nobody."""
        return dataclasses.replace(tls, verify=False)


class ChainOnly(_Evcc):
    """Takes every certificate that chains to its root, whatever kind it is of."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Have the profile not looked at."""
        return dataclasses.replace(tls, strict=False)


class AnyKey(_Evcc):
    """Takes keys on every curve."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Have curves of all kinds, and the profile not looked at."""
        newest = ssl.TLSVersion.TLSv1_3 if tls.profile is Profile.ISO20 else ssl.TLSVersion.TLSv1_2
        oldest = ssl.TLSVersion.TLSv1_3 if tls.profile is Profile.ISO20 else ssl.TLSVersion.TLSv1_2

        def bend(context: ssl.SSLContext) -> None:
            context.minimum_version, context.maximum_version = oldest, newest

        return _bent(dataclasses.replace(tls, profile=Profile.BOTH, strict=False), bend)


class AnyTime(_Evcc):
    """Does not look at when a certificate is valid."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Have OpenSSL not look."""

        def bend(context: ssl.SSLContext) -> None:
            # X509_V_FLAG_NO_CHECK_TIME, which Python has no name for.
            context.verify_flags |= ssl.VerifyFlags(0x200000)

        return _bent(tls, bend)


class OldVersions(_Evcc):
    """Takes TLS 1.0 and 1.1."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Lower the least version, and what OpenSSL holds secure."""

        def bend(context: ssl.SSLContext) -> None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("ALL:@SECLEVEL=0")

        return _bent(tls, bend)


class OtherEdition(_Evcc):
    """Has the TLS of the other edition."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Change the profile."""
        other = Profile.ISO2 if tls.profile is Profile.ISO20 else Profile.ISO20
        return dataclasses.replace(tls, profile=other)


class OtherSuites(_Evcc):
    """Offers suites that the edition has not."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Change them."""

        def bend(context: ssl.SSLContext) -> None:
            context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")

        return _bent(tls, bend)


class OtherCurve(_Evcc):
    """Agrees on secrets on secp384r1 only."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Change the curve."""
        return dataclasses.replace(tls, group="secp384r1")


class BothProfiles(_Evcc):
    """Takes SECCs of both editions."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Change the profile."""
        return dataclasses.replace(tls, profile=Profile.BOTH, strict=False)


class ShowsNothing(_Evcc):
    """Has no vehicle certificate."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Leave it out."""
        return dataclasses.replace(tls, certificate=None, key=None)


def _other(tls: EvccTls, name: str) -> EvccTls:
    assert tls.certificate is not None
    beside = tls.certificate.parent
    return dataclasses.replace(tls, certificate=Path(beside, f"{name}.pem"), key=Path(beside, f"{name}.key"))


class UnknownRoot(_Evcc):
    """Has a vehicle certificate that leads to a root that no SECC has."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Change it."""
        return _other(tls, "vehicle-unknown_root")


class Expired(_Evcc):
    """Has a vehicle certificate that is not valid any more."""

    def changed(self, tls: EvccTls) -> EvccTls:
        """Change it."""
        return _other(tls, "vehicle-expired")
