"""Adapter of the charging station on `ocpp` (PyPI) in `charging_station`."""

import importlib.metadata
import logging

import adapter_kit
from charging_station.station import NotDelivered
from charging_station.v16 import Station16
from charging_station.v201 import Station201


class Adapter(adapter_kit.Adapter):
    """Does to the station what people do."""

    station = None
    version = ""

    async def start(self, placement):
        logging.basicConfig(level=logging.WARNING)
        # The package logs every message.
        logging.getLogger("ocpp").setLevel(logging.CRITICAL)
        kinds = {"1.6": Station16, "2.0.1": Station201}
        self.version = placement["version"]
        if self.version not in kinds:
            raise adapter_kit.Failed("this station does not speak OCPP {}".format(self.version))
        settings = placement.get("settings") or {}
        self.station = kinds[self.version](
            placement["connect_to"],
            placement["identity"],
            placement.get("password", ""),
            int(settings.get("evses", 1)),
            placement["workdir"],
        )
        self.station.power_on()
        return adapter_kit.ready("charging station on ocpp", importlib.metadata.version("ocpp"))

    async def stop(self):
        if self.station:
            await self.station.power_off()

    def at(self, arguments):
        try:
            return self.station.evse(int(arguments.get("evse", 1)))
        except LookupError as error:
            raise adapter_kit.Failed(str(error)) from error

    @adapter_kit.verb
    async def power_cycle(self, arguments):
        reason = "LocalReset" if arguments.get("cause") == "local" else "PowerUp"
        await self.station.power_cycle(reason)

    @adapter_kit.verb
    async def local_reset(self, arguments):
        if self.version == "1.6":
            self.station.spawn(self.station.reset("Reboot"))
        else:
            self.station.spawn(self.station.reset("AbnormalCondition", "Reboot", "LocalReset"))

    @adapter_kit.verb
    async def factory_reset(self, arguments):
        await self.station.factory_reset()

    @adapter_kit.verb
    async def plug_in(self, arguments):
        evse = self.at(arguments)
        if int(arguments.get("connector", 1)) != 1:
            raise adapter_kit.Failed("an EVSE of this station has one connector")
        if evse.plugged:
            raise adapter_kit.Failed("a vehicle is plugged in already")
        vehicle = arguments.get("vehicle") or {}
        evse.change(wanted_w=float(vehicle.get("max_power_w", 11000)))
        self.station.spawn(self.station.plug_in(evse.number))

    @adapter_kit.verb
    async def unplug(self, arguments):
        evse = self.at(arguments)
        if not evse.plugged:
            raise adapter_kit.Failed("no vehicle is plugged in")
        self.station.spawn(self.station.unplug(evse.number))

    @adapter_kit.verb
    async def present_token(self, arguments):
        evse = self.at(arguments)
        token = arguments["id_token"]
        if self.version != "1.6":
            token = {"idToken": token, "type": arguments.get("type", "ISO14443")}
        self.station.spawn(self.station.present_token(token, evse.number))

    @adapter_kit.verb
    async def press_stop(self, arguments):
        self.station.spawn(self.station.press_stop(self.at(arguments).number))

    @adapter_kit.verb
    async def ev_suspend(self, arguments):
        self.change(self.at(arguments), suspended=True)

    @adapter_kit.verb
    async def ev_resume(self, arguments):
        self.change(self.at(arguments), suspended=False)

    @adapter_kit.verb
    async def set_fault(self, arguments):
        self.change(self.at(arguments), fault=arguments.get("error_code", "OtherError"))

    @adapter_kit.verb
    async def clear_fault(self, arguments):
        self.change(self.at(arguments), fault="")

    def change(self, evse, **what):
        evse.change(**what)
        self.station.spawn(self.station.changed(evse.number))

    @adapter_kit.verb
    async def network_down(self, arguments):
        await self.station.network_down()

    @adapter_kit.verb
    async def network_up(self, arguments):
        await self.station.network_up()

    @adapter_kit.verb
    async def configure(self, arguments):
        key = arguments.get("key") or "{}.{}".format(arguments.get("component"), arguments.get("variable"))
        try:
            self.station.configure(key, arguments["value"])
        except LookupError as error:
            raise adapter_kit.Unsupported(str(error)) from error

    @adapter_kit.verb
    async def send(self, arguments):
        try:
            return await self.station.send(arguments["action"], arguments["payload"])
        except (AttributeError, TypeError) as error:
            raise adapter_kit.Unsupported("the package cannot say that: {}".format(error)) from error
        except NotDelivered as error:
            raise adapter_kit.Failed(str(error)) from error

    @adapter_kit.verb
    async def observe(self, arguments):
        evse = self.at(arguments)
        return {"meter_wh": evse.read_wh(), "power_w": evse.power_w, "limit_w": evse.offered_w}


if __name__ == "__main__":
    adapter_kit.run(Adapter())
