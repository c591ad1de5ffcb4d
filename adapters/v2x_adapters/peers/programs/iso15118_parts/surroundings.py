"""Where the package runs: network namespace, interface, folder, certificates, the Java behind its codec."""

import asyncio
import contextlib
import ctypes
import os
import pathlib
import shutil
import socket
import threading

import adapter_kit

PROTOCOLS = {
    ("din", "DC"): "DIN_SPEC_70121",
    ("2", "AC"): "ISO_15118_2",
    ("2", "DC"): "ISO_15118_2",
    ("20", "AC"): "ISO_15118_20_AC",
    ("20", "DC"): "ISO_15118_20_DC",
}
_NET = 0x40000000  # CLONE_NEWNET
# What the package wants to find in its folder of certificates, and the setting that says where it is.
_CERTIFICATES = {
    "certs/cpoCertChain.pem": "certificate",
    "private_keys/seccLeaf.key": "key",
    "certs/v2gRootCACert.pem": "v2g_root",
    "certs/oemCertChain.pem": "vehicle_certificate",
    "private_keys/oemLeaf.key": "vehicle_key",
    "certs/oemRootCACert.pem": "oem_root",
}
_PASSWORDS = ("private_keys/seccLeafPassword.txt", "private_keys/oemLeafPassword.txt")


def settle(placement):
    """Go where the placement says, and set the package's environment; to be called before it is imported.

    Returns:
        The settings, the interface, what flows there (``AC`` or ``DC``), and the name that the package has for the protocol.
    """
    settings = placement.get("settings") or {}
    energy = settings.get("energy", "DC")
    protocol = PROTOCOLS.get((placement["version"], energy))
    if protocol is None:
        raise adapter_kit.Failed("the package does not speak edition {} for {}".format(placement["version"], energy))
    if not shutil.which("java"):
        raise adapter_kit.Failed("the package's codec needs Java, and there is no program java", "install a Java 11 or later")
    if namespace := settings.get("namespace"):
        enter(namespace)
    interface = settings.get("interface")
    if not interface:
        raise adapter_kit.Failed(
            "no network interface is given", "interface = NAME in [pixit]: one with a link-local IPv6 address"
        )
    address(interface)
    folder = pathlib.Path(placement["workdir"])
    os.environ.update(
        NETWORK_INTERFACE=interface,
        PROTOCOLS=protocol,
        AUTH_MODES="EIM",
        SECC_ENFORCE_TLS=str(bool(settings.get("tls_only"))),
        ENABLE_TLS_1_3=str(bool(settings.get("tls13"))),
        MESSAGE_LOG_JSON="False",
        LOG_LEVEL=settings.get("log_level", "WARNING"),
        PKI_PATH="{}/".format(certificates(folder / "pki", settings)),
    )
    # The package reads `.env` of the folder that it is started in.
    os.chdir(folder)
    return settings, interface, energy, protocol


def enter(namespace):
    """Enter a network namespace; threads and programs that are started after that are in it, too."""
    try:
        with (pathlib.Path("/run/netns") / namespace).open("rb") as handle:
            if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), _NET):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    except OSError as error:
        raise adapter_kit.Failed("cannot enter the network namespace {}: {}".format(namespace, error.strerror)) from error


def address(interface):
    """Return the link-local address of an interface, without which the package does not start."""
    import psutil

    found = [each.address for each in psutil.net_if_addrs().get(interface, []) if each.family == socket.AF_INET6]
    for each in found:
        if each.startswith("fe80:"):
            return each.partition("%")[0]
    raise adapter_kit.Failed(
        "the network interface {} has no link-local IPv6 address".format(interface), "ip link set {} up".format(interface)
    )


def certificates(folder, settings):
    """Lay certificates and keys out as the package wants them."""
    for name, setting in _CERTIFICATES.items():
        if settings.get(setting):
            place = folder / "iso15118_2" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(settings[setting], place)
    for name in _PASSWORDS:
        # Our keys are not encrypted; the package reads a password all the same.
        place = folder / "iso15118_2" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("none")
    return folder


class Apart:
    """A coroutine in a thread and a loop of its own: the codec blocks, and tasks that are left over end with the loop."""

    def __init__(self, make):
        self.error = None
        self._make = make
        self._loop = None
        self._task = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._begun.wait(10)

    @property
    def alive(self):
        return self._thread.is_alive()

    def _run(self):
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        except Exception as error:
            self.error = "{}: {}".format(type(error).__name__, error)

    async def _main(self):
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._begun.set()
        await self._make()

    async def end(self, within=4.0):
        """Cancel it, and wait until its thread has ended."""
        if self.alive and self._loop:
            # Its loop may have just been closed.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, within)
