"""Whether connectors work: operative or not by order of the CSMS, faulted by nature, and the status that follows."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from dataclasses import dataclass, field

from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.firmware import BootCause, Firmware, Parts
from v2x_architecture.ocpp.station.hardware import ConnectorHardware, EvseHardware, Happening

_SECTION = "availability"


@dataclass(slots=True)
class Connector:
    """A connector as the firmware sees it.

    Attributes:
        evse, id: which one.
        hardware: the thing itself.
        operative: as in effect now; an order that waits for a transaction to end is not.
        status: as last told to the CSMS; empty when it was never told.
    """

    evse: int
    id: int
    hardware: ConnectorHardware
    operative: bool = True
    status: str = ""


@dataclass(slots=True)
class Evse:
    """An EVSE as the firmware sees it.

    Attributes:
        id: from 1.
        hardware: the thing itself.
        connectors: its connectors.
        resetting: it is being reset, or will be as soon as it is idle: nothing new may start.
    """

    id: int
    hardware: EvseHardware
    connectors: dict[int, Connector] = field(default_factory=dict)
    resetting: bool = False

    @property
    def faulted(self) -> bool:
        """Whether any of its connectors is faulted."""
        return any(each.hardware.fault for each in self.connectors.values())

    @property
    def operative(self) -> bool:
        """Whether any of its connectors works."""
        return any(each.operative and not each.hardware.fault for each in self.connectors.values())


class Availability(Firmware):
    """Adds connectors with their status (G01 to G04; 1.6: 4.9, 5.2)."""

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.evses: dict[int, Evse] = {}
        self._ordered = self.store.load(_SECTION, bool)
        self._told_online: dict[tuple[int, int], str] = {}
        for number, hardware in self.hardware.evses.items():
            evse = self.evses[number] = Evse(number, hardware)
            for connector in hardware.connectors.values():
                evse.connectors[connector.id] = Connector(
                    number, connector.id, connector, operative=self.ordered_operative(number, connector.id)
                )

    # -- what a version says -------------------------------------------------------------------------------------------------

    @abstractmethod
    def connector_status(self, evse: Evse, connector: Connector) -> str:
        """Return the status of a connector in the version's words."""

    @abstractmethod
    def notify_status(self, evse: Evse, connector: Connector, status: str, *, triggered: bool = False) -> asyncio.Future[Payload]:
        """Send a StatusNotification; return what gets its answer."""

    # -- orders --------------------------------------------------------------------------------------------------------------

    def busy(self, evse: Evse) -> bool:
        """Whether a transaction runs on an EVSE, so that orders must wait."""
        del evse
        return False

    def order_availability(self, *, operative: bool, evse: int | None = None, connector: int | None = None) -> bool:
        """Keep an order of the CSMS and follow it where no transaction runs.

        Args:
            operative: to work, or not to.
            evse: where; None: everywhere.
            connector: which of its connectors; None: all.

        Returns:
            Whether it is in effect everywhere; otherwise it waits for the end of a transaction (G03.FR.05).
        """
        self._ordered[_level(evse, connector)] = operative
        self.store.put(_SECTION, _level(evse, connector), operative)
        done = True
        for each in self.evses.values() if evse is None else (self.evses[evse],):
            done &= self.apply_availability(each)
        return done

    def ordered_operative(self, evse: int, connector: int) -> bool:
        """Whether the CSMS wants a connector to work: it, its EVSE and the station."""
        levels = (_level(None, None), _level(evse, None), _level(evse, connector))
        return all(self._ordered.get(level, True) for level in levels)

    def apply_availability(self, evse: Evse) -> bool:
        """Bring what is ordered into effect unless a transaction runs; return whether all orders are in effect."""
        wanted = {each.id: self.ordered_operative(evse.id, each.id) for each in evse.connectors.values()}
        changed = any(each.operative != wanted[each.id] for each in evse.connectors.values())
        if changed and self.busy(evse):
            return False
        for each in evse.connectors.values():
            each.operative = wanted[each.id]
        if changed:
            self.availability_changed(evse)
        self.update_status(evse)
        return True

    def availability_changed(self, evse: Evse) -> None:
        """Take note that an EVSE began or ceased to work; layers add what follows."""

    # -- status --------------------------------------------------------------------------------------------------------------

    def update_status(self, evse: Evse) -> None:
        """Tell the CSMS about connectors whose status changed."""
        for connector in evse.connectors.values():
            status = self.connector_status(evse, connector)
            if status != connector.status:
                connector.status = status
                if self.online:
                    self._tell(evse, connector)

    def report_status(self, evse: Evse, connector: Connector, *, triggered: bool = False) -> None:
        """Tell the CSMS the status of a connector, changed or not."""
        connector.status = self.connector_status(evse, connector)
        self._tell(evse, connector, triggered=triggered)

    def accepted(self) -> None:
        """Report every connector (B01.FR.05)."""
        super().accepted()
        for evse in self.evses.values():
            for connector in evse.connectors.values():
                self.report_status(evse, connector)

    def back_online(self, away_s: float) -> None:
        """Report every connector after a long absence, otherwise those that changed (B04.FR.01, B04.FR.02)."""
        super().back_online(away_s)
        for evse in self.evses.values():
            for connector in evse.connectors.values():
                told = self._told_online.get((evse.id, connector.id))
                if away_s > self.settings.offline_threshold_s or self.connector_status(evse, connector) != told:
                    self.report_status(evse, connector)

    def hardware_event(self, evse: EvseHardware, happening: Happening, connector: int) -> None:
        """Follow faults with the status."""
        super().hardware_event(evse, happening, connector)
        if happening is Happening.FAULT:
            mine = self.evses[evse.id]
            self.fault_changed(mine, mine.connectors[connector])
            self.update_status(mine)

    def fault_changed(self, evse: Evse, connector: Connector) -> None:
        """Take note that a connector broke or was mended; layers add what follows."""

    def _tell(self, evse: Evse, connector: Connector, *, triggered: bool = False) -> None:
        place, status = (evse.id, connector.id), connector.status
        self._told_online[place] = status

        def answered(answer: asyncio.Future[Payload]) -> None:
            # What the connection took with it is news again when there is another one.
            if (answer.cancelled() or answer.exception()) and self._told_online.get(place) == status:
                del self._told_online[place]

        self.notify_status(evse, connector, status, triggered=triggered).add_done_callback(answered)


def _level(evse: int | None, connector: int | None) -> str:
    """Return the key of a level: ``0`` the station, ``2`` an EVSE, ``2.1`` a connector."""
    return "0" if evse is None else f"{evse}" if connector is None else f"{evse}.{connector}"
