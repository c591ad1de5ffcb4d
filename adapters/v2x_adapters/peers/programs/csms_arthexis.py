"""Adapter of the CSMS `arthexis` (PyPI): OCPP 1.6J and 2.0.1, a Django project served by Daphne.

The product runs in this process, as its own deployment runs it (Daphne, its ASGI application, SQLite), because it delivers a
CALL from another process only over a Redis server. Chargers and cards are kept as its administration keeps them, in its models;
CALLs go out through its `emit_v16_operation` and `emit_v201_operation`.
"""

import asyncio
import importlib.metadata
import os
import shutil
import threading
from pathlib import Path

import adapter_kit

_CALL_TIMEOUT = 25.0


class Adapter(adapter_kit.Adapter):
    def __init__(self):
        self.server = None
        self.loop = None
        self.version = ""
        self.interval = 0
        self.passwords = {}

    def start(self, placement):
        settings = placement.get("settings") or {}
        self.version = placement["version"]
        self.interval = int(settings.get("heartbeat_interval", 300))
        self.passwords = dict(placement.get("identities") or {})
        data = Path(placement["workdir"]) / "arthexis"
        if not data.exists():
            # Migrated when the product was installed.
            shutil.copytree(os.environ["ARTHEXIS_TEMPLATE_DIR"], data)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="arthexis.settings",
            ARTHEXIS_DATA_DIR=str(data),
            ARTHEXIS_ALLOWED_HOSTS="127.0.0.1",
            ARTHEXIS_OCPP_HEARTBEAT_INTERVAL_SECONDS=str(self.interval),
        )
        # Its ASGI module sets Django up; its models can be imported only afterwards.
        from arthexis.asgi import application

        for identity in self.passwords:
            self.enrol(identity)
        host, _, port = placement["listen"].rpartition(":")
        address = self.serve(application, host, int(port))
        return adapter_kit.ready(
            "arthexis",
            importlib.metadata.version("arthexis"),
            # It answers HTTP 500 to a URL that ends with the identity: it wants a slash behind it.
            "ws://{}:{}/ws/ocpp/{{identity}}/".format(*address),
        )

    def enrol(self, identity):
        """Register a charger that accepts known cards only. Without a password it lets nobody in."""
        from apps.ocpp.models import Charger
        from django.contrib.auth.hashers import make_password

        password = self.passwords[identity]
        if not password:
            self.event("no password", station=identity, effect="this product refuses every station without one")
        Charger.objects.update_or_create(
            identity=identity,
            defaults={
                "connection_token_hash": make_password(password) if password else "",
                "authorization_mode": Charger.AuthorizationMode.RESTRICTED,
            },
        )

    def serve(self, application, host, port):
        """Run Daphne in a thread of its own; return host and port."""
        from daphne import server as daphne

        self.server = daphne.Server(
            application, endpoints=["tcp:port={}:interface={}".format(port, host)], signal_handlers=False, verbosity=1
        )
        self.loop = daphne.twisted_loop
        threading.Thread(target=self.server.run, daemon=True).start()
        waited = threading.Event()
        for _ in range(1000):
            if self.server.listening_addresses:
                return self.server.listening_addresses[0]
            waited.wait(0.01)
        raise adapter_kit.Failed("Daphne does not listen on {}:{}".format(host, port))

    def stop(self):
        if self.loop:
            self.loop.call_soon_threadsafe(self.server.stop)

    @adapter_kit.verb
    def call(self, arguments):
        from apps.ocpp.models import Charger, ProtocolOperation
        from apps.ocpp.transport import operations

        emit = operations.emit_v16_operation if self.version == "1.6" else operations.emit_v201_operation
        charger = Charger.objects.filter(identity=arguments["station"]).first()
        if charger is None or operations.active_connections.get(charger) is None:
            return {"error": {"code": "NotConnected", "description": "this station is not connected"}}
        sending = emit(charger=charger, action=arguments["action"], payload=arguments["payload"], timeout=_CALL_TIMEOUT - 5)
        try:
            done = asyncio.run_coroutine_threadsafe(sending, self.loop).result(_CALL_TIMEOUT)
        except ValueError as error:
            raise adapter_kit.Unsupported(str(error)) from error
        if done.status == ProtocolOperation.Status.COMPLETED:
            return {"result": done.response_payload or {}}
        if done.status == ProtocolOperation.Status.ERRORED:
            return {"error": {"code": done.error_code, "description": done.error_description}}
        return {"error": {"code": "CallTimeout", "description": done.last_delivery_error or str(done.status)}}

    @adapter_kit.verb
    def set_boot(self, arguments):
        if arguments.get("status", "Accepted") != "Accepted":
            raise adapter_kit.Unsupported("this product accepts every boot of a charger it lets in")
        if arguments.get("interval") not in (None, self.interval):
            raise adapter_kit.Unsupported("this product answers with an interval of {} s".format(self.interval))
        return {"interval": self.interval}

    @adapter_kit.verb
    def set_token(self, arguments):
        from apps.cards.models import CardCredential

        for key in ("group", "parent", "expires"):
            if arguments.get(key):
                raise adapter_kit.Unsupported("this product knows no {} of a card".format(key))
        status = arguments.get("status", "Accepted")
        if status not in ("Accepted", "Invalid"):
            raise adapter_kit.Unsupported("a card is active or not in this product, never {}".format(status))
        CardCredential.objects.update_or_create(
            external_id=arguments["id_token"],
            defaults={"ocpp_id_tag": arguments["id_token"], "active": status == "Accepted"},
        )
        return {}

    @adapter_kit.verb
    def stations(self, arguments):
        from apps.ocpp.models import ChargerConnection

        return {"stations": list(ChargerConnection.objects.values_list("charger__identity", flat=True))}

    @adapter_kit.verb
    def forget(self, arguments):
        from apps.ocpp.models import Charger

        Charger.objects.filter(identity=arguments["station"]).delete()
        if arguments["station"] in self.passwords:
            self.enrol(arguments["station"])
        return {}


if __name__ == "__main__":
    adapter_kit.run(Adapter())
