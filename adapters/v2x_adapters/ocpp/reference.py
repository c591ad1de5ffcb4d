"""The reference station and CSMS as products of a cast, in this process; the verbs are the methods of the actors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import msgspec
from v2x_architecture.clock import Clock, LoopClock
from v2x_architecture.ocpp.csms import CsmsConfig, CsmsError, ReferenceCsms
from v2x_architecture.ocpp.errors import LocalProtocolError
from v2x_architecture.ocpp.station.config import StationConfig
from v2x_architecture.ocpp.station.station import CannotDo, FirmwareFactory, ReferenceStation
from v2x_harness.errors import AdapterError
from v2x_harness.events import Json
from v2x_harness.operator import Placement, Ready

from v2x_adapters.acting import configured, own_version, perform


class ReferenceCsmsProduct:
    """The reference CSMS, or a variety of it.

    Args:
        actor: the class, or whatever makes one of a configuration and a clock.
        config: what the placement does not say; the placement's ``settings`` overrule it.
        clock: the actor's; its own when None.

    Attributes:
        running: the actor itself while it runs.
    """

    def __init__(
        self,
        actor: Callable[[CsmsConfig, Clock | None], ReferenceCsms] = ReferenceCsms,
        config: CsmsConfig | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.running: ReferenceCsms | None = None
        self._actor, self._config, self._clock = actor, config or CsmsConfig(), clock

    async def start(self, placement: Placement) -> Ready:
        """Start it where the placement says; it serves the version of the placement and the stations named there.

        Raises:
            AdapterError: it cannot listen there, or a setting is wrong.
        """
        await self.stop()
        host, _, port = placement.listen.rpartition(":")
        config = configured(
            self._config,
            placement.settings,
            host=host,
            port=int(port),
            versions=(placement.version,),
            stations=dict(placement.identities),
        )
        try:
            csms = self._actor(config, self._clock)
            await csms.start()
        except OSError as error:
            raise AdapterError(f"the reference CSMS cannot listen on {placement.listen}: {error.strerror}") from error
        except CsmsError as error:
            raise AdapterError(f"the reference CSMS cannot start: {error}") from error
        self.running = csms
        return Ready(product="reference CSMS", product_version=own_version(), endpoint=csms.url, verbs=csms.verbs)

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Perform a verb: the method of `ReferenceCsms` with that name.

        Raises:
            UnsupportedVerb: there is none.
            AdapterError: it cannot be done so.
        """
        try:
            return await perform("reference CSMS", self.running, ReferenceCsms.verbs, verb, arguments)
        except (CsmsError, LocalProtocolError) as error:
            raise AdapterError(f"the reference CSMS cannot {verb}: {error}") from error

    async def stop(self) -> None:
        """Stop it."""
        csms, self.running = self.running, None
        if csms:
            await csms.stop()


class ReferenceStationProduct:
    """The reference station, or one with other firmware on it.

    Args:
        firmware: what makes the firmware instead of the version's own: a subclass of it, for a station with one thing wrong.
        config: what the placement does not say; the placement's ``settings`` overrule it.
        clock: the actor's; its own when None.

    Attributes:
        running: the actor itself while it runs.
    """

    verbs = tuple(
        sorted(
            name
            for name, method in inspect.getmembers(ReferenceStation, inspect.iscoroutinefunction)
            if not name.startswith("_") and name not in ("start", "stop")
        )
    )

    def __init__(
        self, firmware: FirmwareFactory | None = None, config: StationConfig | None = None, clock: Clock | None = None
    ) -> None:
        self.running: ReferenceStation | None = None
        self._firmware, self._config, self._clock = firmware, config or StationConfig(), clock

    async def start(self, placement: Placement) -> Ready:
        """Start it where the placement says: new, with nothing plugged in and nothing remembered unless ``storage`` is set.

        Raises:
            AdapterError: a setting is wrong, or one of its SECCs cannot listen.
        """
        await self.stop()
        config = configured(
            self._config,
            placement.settings,
            url=placement.connect_to,
            identity=placement.identity,
            version=placement.version,
            password=placement.password or None,
        )
        try:
            station = ReferenceStation(config, self._clock or LoopClock(), firmware=self._firmware)
        except ValueError as error:
            raise AdapterError(f"the reference station cannot be had: {error}") from error
        try:
            await station.start()
        except OSError as error:
            raise AdapterError(f"an SECC of the reference station cannot listen: {error.strerror or error}") from error
        self.running = station
        return Ready(product="reference station", product_version=own_version(), verbs=self.verbs)

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Perform a verb: the method of `ReferenceStation` with that name.

        Raises:
            UnsupportedVerb: there is none.
            AdapterError: it cannot be done so.
        """
        try:
            return await perform("reference station", self.running, self.verbs, verb, arguments)
        except ConnectionError as error:
            raise AdapterError(f"the reference station cannot {verb}: it is offline") from error
        except (CannotDo, msgspec.ValidationError) as error:
            raise AdapterError(f"the reference station cannot {verb}: {error}") from error

    async def stop(self) -> None:
        """Stop it."""
        station, self.running = self.running, None
        if station:
            await station.stop()
