"""Every error of the harness that a user can see, and when each happens.

A run begins with a *subject file* (`SubjectError`), perhaps *waivers* (`WaiverError`) and a *registry* of requirements
(`RegistryError`). While it runs, an adapter or operator can fail (`AdapterError`, `UnsupportedVerb`); the case then ends
``error`` or ``inconclusive``, never ``fail``: it was not the product. Afterwards the *journal* is read back (`JournalError`,
`IncompleteJournal`), made into a *bundle* (`BundleError`), signed and verified (`SignatureError`).

Each says what happened, where, and what to do next (`hint`).
"""

from __future__ import annotations


class HarnessError(Exception):
    """The base of what the harness raises for a reason that a user can act on.

    Args:
        message: what happened, and where.
        hint: what to do next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SubjectError(HarnessError):
    """The subject file cannot be used: which file, line, key, and what is allowed there."""


class WaiverError(HarnessError):
    """A waiver is malformed, has expired, or did not fire."""


class RegistryError(HarnessError):
    """A requirement registry, case or rule contradicts itself: an unknown id, an id used twice."""


class JournalError(HarnessError):
    """A journal cannot be read at all."""


class IncompleteJournal(JournalError):
    """A journal has no footer, or its footer does not fit: the run that wrote it did not end in order."""


class BundleError(HarnessError):
    """A bundle lacks a part, or a part does not match the manifest."""


class SignatureError(HarnessError):
    """A signature is missing, or does not verify."""


class RunFailed(HarnessError):
    """A run did not get to its end: it was interrupted, or the harness failed; what was recorded until then is in its bundle."""


class AdapterError(HarnessError):
    """An operator or product adapter failed at its own work; the product is not to blame."""


class Misnamed(AdapterError):
    """What the user named cannot be taken: an adapter that there is not, a version that it does not speak, a folder in use."""


class ProductBlocked(AdapterError):
    """A product cannot be had on this machine: not installed, or what it needs is missing; nothing of it is judged."""


class UnsupportedVerb(AdapterError):
    """An operator cannot make the subject do this; what depends on it is not judged."""
