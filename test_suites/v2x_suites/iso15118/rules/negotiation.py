"""The protocol negotiation: what is offered, what is chosen of it, and over what connection."""

from __future__ import annotations

from v2x_architecture.iso15118.exi.messages.app_protocol import AppProtocolType, supportedAppProtocolReq
from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.looking import GOOD, Found, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

_ISO20 = "urn:iso:std:iso:15118:-20:"
_TLS = "TLSv1.3"


_KNOWN = ("urn:din:70121:2012:MsgDef", "urn:iso:15118:2:2010:MsgDef", "urn:iso:15118:2:2013:MsgDef")


# What is said before an edition is agreed on is judged by 15118-2, and by 15118-20 what only that speaks of.
@look(
    "sap.unique",
    Layer.SEMANTICS,
    "supportedAppProtocol.unique",
    at=("supportedAppProtocolReq",),
    party=EVCC,
    versions=("2",),
)
def unique(session: Session, said: Said) -> Found:
    """No two protocols of an offer have one SchemaID or one priority."""
    if not isinstance(said.body, supportedAppProtocolReq):
        return None
    entries = said.body.AppProtocol
    ids, priorities = {each.SchemaID for each in entries}, {each.Priority for each in entries}
    if len(ids) == len(priorities) == len(entries):
        return GOOD
    what = "SchemaID" if len(ids) < len(entries) else "Priority"
    seen = " ".join(str(getattr(each, what)) for each in entries)
    return [Problem(unique.info, f"two protocols have one {what}", f"{said.root}/AppProtocol", "one each", seen)]


@look(
    "sap.offered",
    Layer.SEMANTICS,
    "supportedAppProtocol.schema-id",
    at=("supportedAppProtocolRes",),
    party=SECC,
    versions=("2",),
    numbered={"2": "V2G2-170"},
)
def offered(session: Session, said: Said) -> Found:
    """An SECC chooses a SchemaID that was offered."""
    entries = _entries(session, said)
    if entries is None:
        return None
    number = said.number("SchemaID")
    if number is None:
        return [Problem(offered.info, "it agrees, and does not say to what", said.root, "a SchemaID", "none")]
    if any(each.SchemaID == number for each in entries):
        return GOOD
    seen, choice = f"{number:.0f}", " or ".join(str(each.SchemaID) for each in entries)
    return [Problem(offered.info, f"the SchemaID {seen} was not offered", said.at("SchemaID"), choice, seen)]


@look(
    "sap.priority",
    Layer.SEMANTICS,
    "supportedAppProtocol.priority",
    at=("supportedAppProtocolRes",),
    party=SECC,
    versions=("2",),
)
def priority(session: Session, said: Said) -> Found:
    """Of the protocols that it speaks, an SECC chooses the one that the EVCC holds dearest."""
    if session.offer is None or said.request is None or session.tls is None:
        return None
    secure = session.tls["secc"] == _TLS
    site = session.site
    entries = session.offer.AppProtocol
    chosen = _chosen(session, said)
    dearer = [
        each
        for each in entries
        if (session.secc, each.ProtocolNamespace, each.VersionNumberMajor, secure) in site.spoken
        and (chosen is None or (each.Priority < chosen.Priority and not _of_other_energy(each, chosen)))
    ]
    if chosen is not None:
        site.keep(site.spoken, (session.secc, chosen.ProtocolNamespace, chosen.VersionNumberMajor, secure), None)
    if not dearer:
        return GOOD
    best = min(dearer, key=lambda each: each.Priority)
    words = f"it has agreed to {best.ProtocolNamespace} before, which the EVCC holds dearer"
    seen = chosen.ProtocolNamespace if chosen is not None else said.code
    return [Problem(priority.info, words, said.at("SchemaID", "ResponseCode"), best.ProtocolNamespace, seen)]


def _of_other_energy(one: AppProtocolType, other: AppProtocolType) -> bool:
    """Tell whether two protocols are 15118-20 for AC and for DC: which of them is served depends on the cable."""
    names = {one.ProtocolNamespace, other.ProtocolNamespace}
    return len(names) > 1 and all(name.startswith(_ISO20) for name in names)


@look(
    "sap.iso20_offered",
    Layer.SECURITY,
    "supportedAppProtocol.20-offered",
    at=("supportedAppProtocolReq",),
    party=EVCC,
    versions=("20",),
    numbered={"20": "V2G20-1237"},
)
def iso20_offered(session: Session, said: Said) -> Found:
    """An EVCC offers 15118-20 over TLS 1.3 only."""
    if not isinstance(said.body, supportedAppProtocolReq) or session.tls is None:
        return None
    entries = said.body.AppProtocol
    places = [place for place, each in enumerate(entries) if each.ProtocolNamespace.startswith(_ISO20)]
    if not places:
        return None
    if (seen := session.tls["evcc"]) == _TLS:
        return GOOD
    where = f"{said.root}/AppProtocol/{places[0]}/ProtocolNamespace"
    return [Problem(iso20_offered.info, "15118-20 is offered without TLS 1.3", where, _TLS, seen or "no TLS")]


@look(
    "sap.iso20_chosen",
    Layer.SECURITY,
    "supportedAppProtocol.20-chosen",
    at=("supportedAppProtocolRes",),
    party=SECC,
    versions=("20",),
    numbered={"20": "V2G20-2356"},
)
def iso20_chosen(session: Session, said: Said) -> Found:
    """An SECC agrees to 15118-20 over TLS 1.3 only."""
    chosen = _chosen(session, said)
    if chosen is None or not chosen.ProtocolNamespace.startswith(_ISO20) or session.tls is None:
        return None
    if (seen := session.tls["secc"]) == _TLS:
        return GOOD
    words = f"{chosen.ProtocolNamespace} is agreed on without TLS 1.3"
    return [Problem(iso20_chosen.info, words, said.at("SchemaID"), _TLS, seen or "no TLS")]


@look(
    "sap.foreign",
    Layer.SEMANTICS,
    "supportedAppProtocol.foreign",
    at=("supportedAppProtocolRes",),
    party=SECC,
    versions=("2",),
    axis=Axis.COMPATIBILITY,
)
def foreign(session: Session, said: Said) -> Found:
    """An SECC agrees to no protocol but those of the standards."""
    chosen = _chosen(session, said)
    if chosen is None:
        return None
    namespace = chosen.ProtocolNamespace
    if namespace in _KNOWN or namespace.startswith(_ISO20):
        return GOOD
    return [Problem(foreign.info, f"it agrees to {namespace}", said.at("SchemaID"), "DIN SPEC 70121 or ISO 15118", namespace)]


def _entries(session: Session, said: Said) -> list[AppProtocolType] | None:
    """Return what was offered where a response agrees to some of it."""
    if session.offer is None or said.request is None or said.failed:
        return None
    return session.offer.AppProtocol


def _chosen(session: Session, said: Said) -> AppProtocolType | None:
    number = said.number("SchemaID")
    return next((each for each in _entries(session, said) or () if each.SchemaID == number), None)


LOOKS = (
    unique,
    offered,
    priority,
    iso20_offered,
    iso20_chosen,
    foreign,
)
