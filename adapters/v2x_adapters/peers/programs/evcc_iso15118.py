"""Adapter of the EVCC of `iso15118` (PyPI), for DIN SPEC 70121, ISO 15118-2 and -20; on a network interface of this machine."""

import importlib.metadata

import adapter_kit
from iso15118_parts import surroundings

_MODES = {"AC": "AC_three_phase_core", "DC": "DC_extended"}


class Adapter(adapter_kit.Adapter):
    """Does to the vehicle what its driver does; the vehicle is the package's simulator."""

    apart = None
    vehicle = None
    handler = None
    codec = None
    interface = ""
    config = None

    async def start(self, placement):
        settings, self.interface, energy, protocol = surroundings.settle(placement)
        from iso15118.shared.exificient_exi_codec import ExificientEXICodec
        from iso15118.shared.settings import load_shared_settings

        load_shared_settings()
        self.config = {
            "supportedProtocols": [protocol],
            "energyTransferMode": _MODES[energy],
            "supportedEnergyServices": settings.get("services", [energy]),
            "useTls": bool(settings.get("tls")),
            "enforceTls": bool(settings.get("tls_only")),
        }
        self.codec = ExificientEXICodec()
        return adapter_kit.ready("iso15118 EVCC", importlib.metadata.version("iso15118"))

    async def stop(self):
        if self.apart:
            await self.apart.end()

    @adapter_kit.verb
    async def plug_in(self, arguments):
        """Look for an SECC and charge; `loops` says how many requests the charging loop has, `pause_s` what is between them."""
        if self.apart and self.apart.alive:
            raise adapter_kit.Failed("the vehicle is plugged in already")
        from iso15118.evcc.evcc_config import EVCCConfig
        from iso15118_parts.handler import Handler
        from iso15118_parts.vehicle import Ev

        loop = {"chargeLoopCycle": int(arguments.get("loops", 10)), "chargeLoopDelay": int(arguments.get("pause_s", 0))}
        config = EVCCConfig(**self.config, **loop)
        config.load_raw_values()
        self.vehicle = Ev(config)
        self.handler = Handler(evcc_config=config, iface=self.interface, exi_codec=self.codec, ev_controller=self.vehicle)
        self.handler.told = lambda reason: self.event("no session", reason=reason)
        self.apart = surroundings.Apart(self.handler.start)

    @adapter_kit.verb
    async def unplug(self, arguments):
        if not self.apart:
            raise adapter_kit.Failed("the vehicle is not plugged in")
        await self.apart.end()

    @adapter_kit.verb
    async def stop_charging(self, arguments):
        if not self.vehicle:
            raise adapter_kit.Failed("the vehicle is not plugged in")
        await self.vehicle.stop_charging()

    @adapter_kit.verb
    async def observe(self, arguments):
        if not self.handler:
            return {"session": "none"}
        session = self.handler.session
        ended = session.stop_reason if session else None
        how = "connected" if session else "searching"
        if ended:
            how = "finished" if ended.successful else "failed"
        elif not self.apart.alive or self.handler.refused:
            how = "failed"
        return {
            "session": how,
            "reason": ended.reason if ended else self.handler.refused or self.apart.error or "",
            "state": str(session.current_state) if session else "",
            "over": not self.apart.alive,
            "soc": self.vehicle._soc,
        }


if __name__ == "__main__":
    adapter_kit.run(Adapter())
