"""Adapter of the SECC of `iso15118` (PyPI), for DIN SPEC 70121, ISO 15118-2 and -20; on a network interface of this machine."""

import asyncio
import importlib.metadata

import adapter_kit
from iso15118_parts import surroundings


class Adapter(adapter_kit.Adapter):
    """Does to the charging station what its operator does."""

    evse = None
    apart = None
    site = None

    async def start(self, placement):
        _, interface, energy, _ = surroundings.settle(placement)
        from iso15118.secc import SECCHandler
        from iso15118.secc.secc_settings import Config
        from iso15118.shared.exificient_exi_codec import ExificientEXICodec
        from iso15118_parts import site

        self.site = site
        config = Config()
        config.load_envs()
        self.evse = site.Evse(energy, lambda name, **data: self.event(name, **data))
        handler = SECCHandler(exi_codec=ExificientEXICodec(), evse_controller=self.evse, config=config)
        self.apart = surroundings.Apart(lambda: handler.start(interface))
        async with asyncio.timeout(15):
            while not self.evse.ready:
                if not self.apart.alive:
                    raise adapter_kit.Failed("the SECC does not run: {}".format(self.apart.error or "it ended by itself"))
                await asyncio.sleep(0.02)
        endpoint = "sdp://[{}%25{}]:15118".format(surroundings.address(interface), interface)
        return adapter_kit.ready("iso15118 SECC", importlib.metadata.version("iso15118"), endpoint)

    async def stop(self):
        if self.apart:
            await self.apart.end()

    @adapter_kit.verb
    async def set_authorization(self, arguments):
        status = self.site.AUTHORIZATIONS.get(arguments.get("status", "Accepted"))
        if status is None:
            raise adapter_kit.Unsupported("its status is one of {}".format(", ".join(self.site.AUTHORIZATIONS)))
        self.evse.authorization = self.site.AuthorizationStatus[status]

    @adapter_kit.verb
    async def notify(self, arguments):
        name = self.site.NOTIFICATIONS.get(arguments.get("notification", "None"))
        if name is None:
            raise adapter_kit.Unsupported("its notification is one of {}".format(", ".join(self.site.NOTIFICATIONS)))
        self.evse.notification = self.site.EVSENotification[name]

    @adapter_kit.verb
    async def set_limits(self, arguments):
        if unknown := set(arguments) - set(self.evse.limits):
            raise adapter_kit.Unsupported("it has no {}".format(", ".join(sorted(unknown))))
        if self.evse.energy == "AC":
            raise adapter_kit.Unsupported("the limits of its AC simulator are fixed")
        self.evse.limits.update(arguments)

    @adapter_kit.verb
    async def observe(self, arguments):
        context = self.evse.evse_data_context
        return {
            "state": self.evse.state,
            "ended": self.evse.ended,
            "soc": self.evse.ev_data_context.present_soc,
            "voltage_v": context.present_voltage,
            "current_a": context.present_current,
        }


if __name__ == "__main__":
    adapter_kit.run(Adapter())
