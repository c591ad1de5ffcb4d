"""Secrets never reach the journal: the redactor stands between the taps and everything that is kept or printed.

Three kinds of secrets are removed: values that are *known* (credentials of the subject), in every encoding they travel in;
values at *places* that the protocol says carry secrets, which are known from then on; and what is secret by its *form*
(credentials in headers, private keys in PEM). Each leaves a mark that says what stood there: ``[redacted:password:base64]``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

import msgspec

from v2x_harness.events import Event, Frame, Json, LinkEvent, OperatorEvent
from v2x_harness.secret_place import SecretPlace

MARK = re.compile(r"\[redacted:([^:\[\]]+):([a-z0-9]+)\]")

# Shorter secrets are removed only where they stand alone: "1234" must not tear holes into every timestamp.
_SHORT = 6
# A value at a secret's place that is shorter than this is removed there, but not looked for elsewhere.
_LEARN = 8

# What the harness itself writes: never a secret, and without it an event means nothing.
# fmt: off
_STRUCTURE = frozenset({
    "type", "n", "t", "run", "started", "ended", "format", "clock", "seed", "counts", "sha256", "link", "event", "by", "protocol",
    "sender", "to", "media", "at", "fate", "of", "case", "variant", "role", "verb", "verdict", "requirements", "duration", "wall",
    "rule", "inspected", "requirement", "axis", "layer", "source", "party", "also", "location", "topic",
})
# fmt: on
_CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
_PEM = "PRIVATE KEY-----"
_CREDENTIAL_WORDS = ("uthorization", "UTHORIZATION", "asic ", "BASIC ", "earer ", "BEARER ", _PEM)
_HEADER = re.compile(
    r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?)((?:(?:basic|bearer|token|digest)\s+)?)(?!\[redacted|basic\b|bearer\b|token\b)"
    r"([A-Za-z0-9+/_.~=-]{4,})"
)
_SCHEME = re.compile(r"(?i)\b(basic|bearer)(\s+)(?!\[redacted)([A-Za-z0-9+/_.~=-]{8,})")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^\"]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|(?=\")|\Z)")
_HEX = re.compile(r"(?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+")


def mark(name: str, encoding: str) -> str:
    """Return what stands in the place of a secret."""
    return f"[redacted:{re.sub(r'[:\[\]\"\\]', '', name) or 'secret'}:{encoding}]"


class Redactor:
    """Takes secrets out of events and texts; hand it to the `Recorder` as ``redact``.

    An event without anything secret costs a few substring searches and is returned as it is.

    Args:
        secrets: name (``password``) to value, or just values.
        places: of the protocol, see `SecretPlace`.
        public: values that everybody may see (identities, names). A secret that stands in one of them cannot be kept secret by
            removing it; it is removed from credentials only.

    Raises:
        RegistryError: a place is not written as it should be.
    """

    def __init__(
        self, secrets: Mapping[str, str] | Iterable[str] = (), places: Iterable[str] = (), public: Collection[str] = ()
    ) -> None:
        self._public = tuple(public)
        self._known: set[str] = set()
        self._needles: dict[str, str] = {}
        self._sought: list[str] = []
        self._alone: dict[str, tuple[re.Pattern[str], str]] = {}
        parsed = [SecretPlace.parse(p) for p in places]
        self._frame_places = [p for p in parsed if p.of == "frame"]
        self._operator_places = [p for p in parsed if p.of == "operator"]
        self._hints = frozenset(p.hint for p in self._frame_places)
        for name, value in secrets.items() if isinstance(secrets, Mapping) else [("secret", s) for s in secrets]:
            self.learn(name, value)

    def learn(self, name: str, value: str) -> None:
        """Remove this value too from now on."""
        if not value or value in self._known:
            return
        self._known.add(value)
        if any(value in p for p in self._public):
            return
        if len(value) < _SHORT:
            alone = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(value)}(?![A-Za-z0-9_])")
            self._alone[value] = (alone, mark(name, "plain"))
            return
        needles = {needle: mark(name, encoding) for needle, encoding in _encodings(value)} | self._needles
        # Longer ones first, so that what contains another is removed whole.
        self._needles = dict(sorted(needles.items(), key=lambda item: -len(item[0])))
        # What is percent-encoded or escaped gives itself away by one character.
        self._sought = [n for n in self._needles if "%" not in n and "\\" not in n]

    def __call__(self, event: Event) -> Event:
        """Return the event without secrets; the same object when there are none in it."""
        if isinstance(event, Frame):
            return self._frame(event)
        sure = (isinstance(event, LinkEvent) and event.detail) or (isinstance(event, OperatorEvent) and self._operator_places)
        if not sure and not self._suspicious(msgspec.json.encode(event).decode()):
            return event
        table: dict[str, Json] = msgspec.to_builtins(event)
        if isinstance(event, OperatorEvent):
            self._empty(table.get("arguments"), self._operator_places)
        clean: Event = msgspec.convert(self._fields(table), Event)
        return clean

    def text(self, text: str) -> str:
        """Return a text (a log line, an error, the console) without secrets."""
        return self._clean(text) if self._suspicious(text) else text

    def json(self, value: Json) -> Json:
        """Return a JSON value without secrets, and without the credentials in it if it holds headers."""
        return self._json(value, headers=True)

    def _fields(self, table: dict[str, Json]) -> dict[str, Json]:
        """Clean the fields of an event that are not the harness's own words."""
        return {
            key: value
            if key in _STRUCTURE
            else self._fields(value)
            if key == "finding" and isinstance(value, dict)
            else self._json(value, headers=True)
            for key, value in table.items()
        }

    def _suspicious(self, text: str, words: Iterable[str] = _CREDENTIAL_WORDS) -> bool:
        """Whether anything secret can be in it: it may say yes in vain, but never no."""
        # Any letter of a secret may be written as an escape: what has a backslash is looked at closely.
        if "\\" in text or ("%" in text and self._needles):
            return True
        # Loops, because generators cost as much again, and every frame comes through here.
        for needle in self._sought:
            if needle in text:
                return True
        for word in words:
            if word in text:
                return True
        return bool(self._alone) and any(value in text for value in self._alone)

    def _carries_place(self, raw: str) -> bool:
        """Whether a frame may have one of the protocol's secret places."""
        lowered = raw.lower()
        for hint in self._hints:  # noqa: SIM110  (as in _suspicious)
            if hint in lowered:
                return True
        return False

    def _frame(self, frame: Frame) -> Frame:
        raw = self._binary(frame.raw) if frame.media == "binary" else self._raw(frame.raw, frame.media == "json")
        decoded = frame.decoded
        if decoded is not None:
            decoded = msgspec.to_builtins(decoded)
            self._empty(decoded, self._frame_places)
            decoded = self._json(decoded, headers=True)
        label = self.text(frame.label)
        if raw is frame.raw and label is frame.label and decoded == frame.decoded:
            return frame
        return msgspec.structs.replace(frame, raw=raw, label=label, decoded=decoded)

    def _raw(self, raw: str, is_json: bool) -> str:
        """Take secrets out of a text frame; whatever happens, JSON stays JSON."""
        if not is_json:
            return self.text(raw)
        # Headers do not travel in a JSON frame, but keys do.
        if not self._suspicious(raw, (_PEM,)) and not self._carries_place(raw):
            return raw
        try:
            form = msgspec.json.decode(raw, type=object)
            placed = self._empty(form, self._frame_places)  # type: ignore[arg-type]  # what was decoded is JSON
            walked = self._json(form, headers=False)  # type: ignore[arg-type]  # ditto
            if not placed and walked == form:
                return raw
        except msgspec.DecodeError:
            return self._clean(raw)
        except RecursionError:
            # Too deeply nested to be looked through, as no message is: nobody can tell what in it is secret.
            return json.dumps(mark("frame nested too deeply", "whole"))
        # Where it can be done, the bytes around the secret stay as they were sent.
        clean = raw if placed else self._clean(raw)
        try:
            if clean != raw and msgspec.json.decode(clean, type=object) == walked:
                return clean
        except msgspec.DecodeError:
            pass  # a secret stood where only a number may stand
        return msgspec.json.encode(walked).decode()

    def _binary(self, raw: str) -> str:
        try:
            data = base64.b64decode(raw, validate=True)
        except ValueError:
            return self.text(raw)
        text = data.decode("utf-8", "surrogateescape")
        clean = self.text(text)
        return raw if clean == text else base64.b64encode(clean.encode("utf-8", "surrogateescape")).decode()

    def _empty(self, form: Json, places: Iterable[SecretPlace]) -> bool:
        """Put marks at the places that carry secrets, and know from now on what stood there."""
        found = False
        for place in places:
            for *way, last in list(place.occurrences(form)):
                container = form
                for step in way:
                    container = container[step]  # type: ignore[index]  # the path leads there
                value: Json = container[last]  # type: ignore[index]  # ditto
                if value is None or value == "" or (isinstance(value, str) and MARK.fullmatch(value)):
                    continue
                if isinstance(value, str) and len(value) >= _LEARN:
                    self.learn(place.name, value)
                container[last] = mark(place.name, "place")  # type: ignore[index]  # ditto
                found = True
        return found

    def _json(self, value: Json, *, headers: bool) -> Json:
        match value:
            case str():
                return self.text(value)
            case list():
                return [self._json(v, headers=headers) for v in value]
            case dict():
                return {
                    self.text(k): _credential(v)
                    if headers and k.lower() in _CREDENTIAL_HEADERS
                    else self._json(v, headers=headers)
                    for k, v in value.items()
                }
            case int() | float() if not isinstance(value, bool):
                # A number is a secret when its digits are.
                digits = str(value)
                clean = self.text(digits)
                return value if clean == digits else clean
        return value

    def _clean(self, text: str) -> str:
        for needle, put in self._needles.items():
            if needle not in text:
                continue
            if put.endswith(":base64]"):
                # The needle is the middle of a word whose ends depend on what stood before and after the secret.
                text = re.sub(rf"[A-Za-z0-9+/_=-]*{re.escape(needle)}[A-Za-z0-9+/_=-]*", put.replace("\\", ""), text)
            else:
                text = text.replace(needle, put)
        for value, (alone, put) in self._alone.items():
            if value in text:
                text = alone.sub(put, text)
        if any(word in text for word in _CREDENTIAL_WORDS):
            text = _PRIVATE_KEY.sub(mark("private key", "pem"), text)
            text = _HEADER.sub(lambda m: f"{m[1]}{m[2]}{mark('credential', 'header')}" if m[2] or len(m[3]) > 15 else m[0], text)
            text = _SCHEME.sub(lambda m: f"{m[1]}{m[2]}{mark('credential', 'header')}" if _is_credential(m) else m[0], text)
        return text


def _credential(value: Json) -> Json:
    """Return a header's value without its credential: the scheme may be seen."""
    if isinstance(value, list):
        return [_credential(v) for v in value]
    if not isinstance(value, str) or not value:
        return value
    scheme, space, rest = value.partition(" ")
    hidden = rest if MARK.fullmatch(rest) else mark("credential", "header")
    return f"{scheme} {hidden}" if space and scheme.isalpha() else hidden


def _is_credential(match: re.Match[str]) -> bool:
    """Whether what follows ``Basic`` or ``Bearer`` is a credential, and not the next word of a sentence."""
    if match[1].lower() == "bearer":
        return len(match[3]) > 19
    try:
        return b":" in base64.b64decode(match[3] + "=" * (-len(match[3]) % 4))
    except ValueError:
        return False


def _encodings(value: str) -> Iterator[tuple[str, str]]:
    """Give every way a secret can be written, and what that is called."""
    data = value.encode("utf-8", "surrogateescape")
    yield from _base64(data)
    if len(value) > 15 and _HEX.fullmatch(value):
        # OCPP 1.6's AuthorizationKey is the hexadecimal form of the password that travels in the header.
        yield from _base64(bytes.fromhex(value))
        yield value.lower(), "plain"
        yield value.upper(), "plain"
    yield data.hex(), "hex"
    yield data.hex().upper(), "hex"
    every = "".join(f"%{byte:02X}" for byte in data)
    for percent in (quote(data, safe=""), quote(data), quote_plus(data), every):
        for written in (percent, re.sub("%[0-9A-F]{2}", lambda m: m[0].lower(), percent)):
            if written != value:
                yield written, "percent"
    if value.isprintable() or value.isascii():
        for escaped in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
            for written in (escaped, json.dumps(escaped)[1:-1]):
                if written != value:
                    yield written, "json"
    yield value, "plain"


def _base64(data: bytes) -> Iterator[tuple[str, str]]:
    """Give the base64 of `data` wherever it may stand in a longer text: the letters that depend on it alone."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data).decode()
        middle = encoded[(0, 2, 3)[before] : (before + len(data)) * 8 // 6]
        yield middle, "base64"
        yield middle.translate(str.maketrans("+/", "-_")), "base64"
