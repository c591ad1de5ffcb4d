"""The configuration of a charge point: what GetConfiguration tells and ChangeConfiguration changes (5.3, 5.8)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from v2x_architecture.ocpp.v16.keys import MAX_LENGTH, Access, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from v2x_architecture.ocpp.station.storage import Store
    from v2x_architecture.ocpp.v16.keys import Key

_SECTION: Final = "configuration"

type Value = str | int | float | bool


class ConfigurationStatus(StrEnum):
    """ConfigurationStatus (7.22)."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    REBOOT_REQUIRED = "RebootRequired"
    NOT_SUPPORTED = "NotSupported"


class Configuration:
    """Configuration keys and their values; changes survive power cycles.

    Args:
        keys: the keys there are.
        store: where changed values are kept.
        initial: values of a new charge point that differ from the defaults.
        without: names of keys that the central system does not see; the charge point itself still looks at them.

    Raises:
        ValueError: an initial value names no key, or is none of its values; there is no key to be without.
    """

    def __init__(
        self, keys: Iterable[Key], store: Store, initial: Mapping[str, Value] | None = None, without: Iterable[str] = ()
    ) -> None:
        self._keys = {key.name.lower(): key for key in keys}
        self._store = store
        self._values = {key.name: key.default for key in self._keys.values()}
        for name, value in (initial or {}).items():
            key = self._key_or_error(name)
            self._values[key.name] = self._checked(key, as_text(value))
        for name, text in store.load(_SECTION, str).items():
            if name in self._values:
                self._values[name] = text
        self._effective = dict(self._values)
        hidden = {self._key_or_error(name).name for name in without}
        self._shown = {name: key for name, key in self._keys.items() if key.name not in hidden}

    # -- reading -------------------------------------------------------------------------------------------------------------

    def text(self, name: str) -> str:
        """Return a value that is in effect; a changed one that needs a reboot is not yet."""
        return self._effective[name]

    def boolean(self, name: str) -> bool:
        """Return whether a key says true."""
        return self._effective[name] == "true"

    def integer(self, name: str) -> int:
        """Return a number."""
        return int(self._effective[name])

    def items(self, name: str) -> tuple[str, ...]:
        """Return the items of a comma separated list."""
        return split(self._effective[name])

    def report(self, names: Iterable[str] = ()) -> tuple[list[dict[str, str | bool]], list[str]]:
        """Return what GetConfiguration asks for (5.8).

        Args:
            names: of the keys; all keys when empty.

        Returns:
            KeyValue of each known key in the order asked, and the names that are not known. A key that can only be written is
            told without its value (whitepaper 7.2).
        """
        asked = list(names)
        if not asked:
            return [self._key_value(key) for key in self._shown.values()], []
        known = [self._key_value(self._shown[name.lower()]) for name in asked if name.lower() in self._shown]
        return known, [name for name in asked if name.lower() not in self._shown]

    # -- changing ------------------------------------------------------------------------------------------------------------

    def change(self, name: str, text: str) -> ConfigurationStatus:
        """Change a value by order of the central system (5.3)."""
        key = self._shown.get(name.lower())
        if key is None:
            return ConfigurationStatus.NOT_SUPPORTED
        if key.access is Access.READ or self.problem(name, text):
            return ConfigurationStatus.REJECTED
        self._keep(key, key.kind.normal(text))
        return ConfigurationStatus.REBOOT_REQUIRED if key.reboot else ConfigurationStatus.ACCEPTED

    def set(self, name: str, value: Value) -> None:
        """Change a value from the local side, read-only keys too; it is in effect at once.

        Raises:
            ValueError: there is no such key, or it cannot have that value.
        """
        key = self._key_or_error(name)
        text = self._checked(key, as_text(value))
        self._keep(key, text)
        self._effective[key.name] = text

    def problem(self, name: str, text: str) -> str:
        """Return why a text cannot be the value of a key, nothing when it can."""
        key = self._keys[name.lower()]
        return f"is longer than {MAX_LENGTH} characters" if len(text) > MAX_LENGTH else key.kind.problem(text)

    def canonical(self, name: str) -> str:
        """Return the name of a key as the specification spells it; a name that is none of a key's as it is."""
        key = self._keys.get(name.lower())
        return name if key is None else key.name

    def _keep(self, key: Key, text: str) -> None:
        self._values[key.name] = text
        self._store.put(_SECTION, key.name, text)
        if not key.reboot:
            self._effective[key.name] = text

    def _key_value(self, key: Key) -> dict[str, str | bool]:
        told = {"value": self._values[key.name]} if key.access is not Access.WRITE else {}
        return {"key": key.name, "readonly": key.access is Access.READ, **told}

    def _key_or_error(self, name: str) -> Key:
        key = self._keys.get(name.lower())
        if key is None:
            raise ValueError(f"there is no configuration key {name!r}; there are {', '.join(sorted(self._values))}")
        return key

    def _checked(self, key: Key, text: str) -> str:
        if problem := self.problem(key.name, text):
            raise ValueError(f"the configuration key {key.name} cannot be {text!r}: it {problem}")
        return key.kind.normal(text)


def as_text(value: Value) -> str:
    """Return a value of a configuration file or an operator as it would be on the wire."""
    return str(value).lower() if isinstance(value, bool) else str(value)
