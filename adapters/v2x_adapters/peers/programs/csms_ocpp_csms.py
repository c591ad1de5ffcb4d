"""Adapter of the CSMS `ocpp-csms` (PyPI): OCPP 1.6J, a library that its user embeds; driven through its public API."""

import asyncio
import dataclasses
import importlib.metadata
import logging

import adapter_kit
from ocpp.charge_point import camel_to_snake_case, remove_nones, snake_to_camel_case
from ocpp.v16 import call as requests
from ocpp_csms import (
    AuthorizationStatus,
    CentralSystem,
    CsmsCallError,
    CsmsConnectionError,
    CsmsTimeoutError,
    RegistrationStatus,
)
from ocpp_csms.const import DEFAULT_BOOT_RETRY_INTERVAL

# Shorter than the time for which the harness waits for a verb.
_CALL_TIMEOUT = 25.0


class Adapter(adapter_kit.Adapter):
    """Its three hooks (who may connect, who is registered, which tag may charge) are fed by verbs."""

    def __init__(self):
        self.passwords = {}
        self.boots = {}
        self.tokens = {}
        self.central = None
        self.interval = 0

    async def start(self, placement):
        logging.basicConfig(level=logging.WARNING)
        settings = placement.get("settings") or {}
        host, _, port = placement["listen"].rpartition(":")
        self.passwords = dict(placement.get("identities") or {})
        self.interval = int(settings.get("heartbeat_interval", 300))
        self.central = CentralSystem(
            host=host,
            port=int(port),
            heartbeat_interval=self.interval,
            call_timeout=_CALL_TIMEOUT,
            authenticate=self.authenticate,
            registration=self.register,
            authorize=self.authorize,
        )
        await self.central.async_start()
        return adapter_kit.ready(
            "ocpp-csms", importlib.metadata.version("ocpp-csms"), "ws://{}:{}".format(host, self.central.port)
        )

    async def stop(self):
        if self.central:
            await self.central.async_stop()

    async def authenticate(self, identity, password):
        return identity in self.passwords and self.passwords[identity] == (password or "")

    async def register(self, charge_point, info):
        return self.boots.get(charge_point.id, RegistrationStatus.ACCEPTED)

    async def authorize(self, charge_point, id_tag):
        return self.tokens.get(id_tag.lower(), AuthorizationStatus.INVALID)

    def charge_point(self, arguments):
        identity = arguments["station"]
        if identity not in self.central.charge_points:
            raise adapter_kit.Failed("the station {} has never connected".format(identity))
        return self.central.charge_points[identity]

    @adapter_kit.verb
    async def call(self, arguments):
        request = getattr(requests, arguments["action"], None)
        if request is None:
            raise adapter_kit.Unsupported("this product has no {}".format(arguments["action"]))
        try:
            message = request(**camel_to_snake_case(arguments["payload"]))
        except TypeError as error:
            raise adapter_kit.Unsupported(
                "this product cannot put that into a {}: {}".format(arguments["action"], error)
            ) from error
        if arguments["station"] not in self.central.charge_points:
            return {"error": {"code": "NotConnected", "description": "this station has never connected"}}
        try:
            answer = await self.charge_point(arguments).async_call(message)
        except CsmsCallError as error:
            return {"error": {"code": error.code, "description": error.description}}
        except CsmsTimeoutError as error:
            return {"error": {"code": "CallTimeout", "description": str(error)}}
        except CsmsConnectionError as error:
            return {"error": {"code": "NotConnected", "description": str(error)}}
        return {"result": remove_nones(snake_to_camel_case(dataclasses.asdict(answer)))}

    @adapter_kit.verb
    async def set_boot(self, arguments):
        status = RegistrationStatus(arguments.get("status", "Accepted"))
        possible = self.interval if status is RegistrationStatus.ACCEPTED else DEFAULT_BOOT_RETRY_INTERVAL
        if arguments.get("interval") not in (None, possible):
            raise adapter_kit.Unsupported("this product answers {} with an interval of {} s".format(status.value, possible))
        for identity in [arguments["station"]] if arguments.get("station") else self.passwords:
            self.boots[identity] = status
        return {"interval": possible}

    @adapter_kit.verb
    async def set_token(self, arguments):
        for key in ("group", "parent", "expires"):
            if arguments.get(key):
                raise adapter_kit.Unsupported("this product knows no {} of an id tag".format(key))
        try:
            status = AuthorizationStatus(arguments.get("status", "Accepted"))
        except ValueError as error:
            raise adapter_kit.Unsupported("this product knows no status {}".format(arguments["status"])) from error
        # Id tags are compared without regard to case (OCPP 1.6, IdToken).
        self.tokens[arguments["id_token"].lower()] = status
        return {}

    @adapter_kit.verb
    async def disconnect(self, arguments):
        await asyncio.wait_for(self.charge_point(arguments).async_disconnect(), _CALL_TIMEOUT)
        return {}

    @adapter_kit.verb
    async def stations(self, arguments):
        return {"stations": [each.id for each in self.central.charge_points.values() if each.connected]}


if __name__ == "__main__":
    adapter_kit.run(Adapter())
