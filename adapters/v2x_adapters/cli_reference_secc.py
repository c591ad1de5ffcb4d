"""``v2x reference secc``: the reference SECC on its own, for EVs that want one to talk to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from v2x_architecture.coupling import Coupling
    from v2x_architecture.iso15118.secc import EvseSettings, SeccConfig
    from v2x_architecture.iso15118.secc.server import SeccListener


def secc_command(
    interface: Annotated[str, typer.Option(help="Network interface of the charging cable; SDP is multicast there.")] = "",
    host: Annotated[str, typer.Option(help="IPv6 address to listen at, where there is no interface.")] = "::1",
    port: Annotated[int, typer.Option(help="TCP port without TLS; 0 for any.", min=0, max=65535)] = 0,
    tls_port: Annotated[int, typer.Option(help="TCP port with TLS; 0 for any.", min=0, max=65535)] = 0,
    sdp_port: Annotated[int, typer.Option(help="UDP port of SDP.", min=0, max=65535)] = 15118,
    no_sdp: Annotated[bool, typer.Option("--no-sdp", help="Do not answer SDP.")] = False,
    certificate: Annotated[Path | None, typer.Option(help="PEM chain of the SECC, for TLS.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM private key of --certificate.")] = None,
    vehicle_root: Annotated[
        list[Path] | None, typer.Option(help="PEM root of vehicle certificates; every EV must show one.")
    ] = None,
    keylog: Annotated[Path | None, typer.Option(help="File that TLS session keys are added to, for dissectors.")] = None,
    tls_only: Annotated[bool, typer.Option("--tls-only", help="No port without TLS.")] = False,
    protocol: Annotated[
        list[str] | None, typer.Option(help="din, iso2, iso20-ac or iso20-dc; may be repeated. All when not given.")
    ] = None,
    energy: Annotated[Literal["AC", "DC"], typer.Option(help="What the EVSE gives.")] = "DC",
    max_current: Annotated[float, typer.Option(help="Limit (A; in AC of a phase); 0: the hardware's.", min=0)] = 0,
    max_power: Annotated[float, typer.Option(help="Limit (W); 0: the hardware's.", min=0)] = 0,
    discharge: Annotated[float, typer.Option(help="What the EVSE takes back at most, in 15118-20 (W).", min=0)] = 0,
    target: Annotated[float | None, typer.Option(help="What is to flow in dynamic control (W); negative to take back.")] = None,
    price_levels: Annotated[bool, typer.Option("--price-levels", help="Tell price levels in schedules of 15118-20.")] = False,
    plain_20: Annotated[bool, typer.Option("--plain-20", help="Speak 15118-20 without TLS 1.3, against the standard.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Authorize nobody.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Let EVs wait for their customer.")] = False,
    seconds: Annotated[float, typer.Option("--for", min=0, help="Stop after so many seconds; 0: when interrupted.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, one event a line; its schema is published.")] = False,
) -> int:
    """Run the reference SECC with a simulated EVSE, and show what EVs and SECC say. Ctrl-C ends it in order.

    Example: v2x reference secc --interface eth1 --energy DC --protocol iso2 --protocol din
    """
    # Here, because every v2x loads this module, and few want an SECC.
    from v2x_architecture.coupling import Coupling
    from v2x_architecture.iso15118.secc import EvseSettings, SeccConfig
    from v2x_architecture.iso15118.secc.evse import Authorization
    from v2x_architecture.iso15118.secc.server import SeccListener
    from v2x_architecture.iso15118.tls import Profile, SeccTls
    from v2x_architecture.site import AcOutletModel, DcSupply, DcSupplyModel

    from v2x_adapters import iso15118_console as console

    if (certificate is None) != (key is None):
        raise typer.BadParameter("--certificate and --key belong together")
    if tls_only and certificate is None:
        raise typer.BadParameter("--tls-only needs --certificate and --key")
    tls = None
    if certificate is not None and key is not None:
        roots = tuple(console.readable(each) for each in vehicle_root or ())
        profile = Profile.ISO20 if roots else Profile.ISO2
        tls = SeccTls(console.readable(certificate), console.readable(key), roots, profile, keylog=keylog)
    listener = SeccListener(
        host=host,
        interface=interface or None,
        plain=not tls_only,
        plain_port=port,
        tls_port=tls_port,
        tls=tls,
        sdp=not no_sdp,
        sdp_port=sdp_port,
    )
    waiting = Authorization.WAITING if wait else Authorization.ACCEPTED
    settings = EvseSettings(
        authorization=Authorization.REJECTED if reject else waiting,
        max_current_a=max_current or None,
        max_power_w=max_power or None,
        target_power_w=target,
    )
    if energy == "AC":
        outlet = AcOutletModel()
        back = discharge / outlet.voltage_v / outlet.phases
        plug = Coupling(outlet=AcOutletModel(max_discharge_a=back))
    else:
        back = discharge / DcSupplyModel().min_voltage_v
        plug = Coupling(supply=DcSupply(DcSupplyModel(max_discharge_w=discharge, max_discharge_a=back)))
    applications = console.applications(protocol, SeccConfig().applications)
    config = SeccConfig(applications=applications, iso20_needs_tls=not plain_20, price_levels=price_levels)
    return asyncio.run(_serve(plug, settings, config, listener, seconds, json=json))


async def _serve(
    plug: Coupling, settings: EvseSettings, config: SeccConfig, listener: SeccListener, seconds: float, *, json: bool
) -> int:
    from v2x_architecture.clock import SystemClock
    from v2x_architecture.iso15118.secc import Close, CloseReason, SimulatedEvse
    from v2x_architecture.iso15118.secc.server import SeccServer
    from v2x_harness.errors import HarnessError

    from v2x_adapters.interruption import over_in, until_interrupted
    from v2x_adapters.iso15118_console import Console, Ready, SessionEnd

    console, evse = Console(json=json), SimulatedEvse(plug, settings)
    counted = 0.0

    def ended(close: Close) -> None:
        nonlocal counted
        balance = plug.meter.energy_wh - plug.meter.exported_wh
        energy, counted = balance - counted, balance
        in_order = close.reason in (CloseReason.STOPPED, CloseReason.PAUSED)
        end = SessionEnd(in_order=in_order, how=close.reason.value, text=close.text, energy_wh=energy, soc=evse.soc)
        console.line(end)

    def failed(why: str) -> None:
        console.line(SessionEnd(in_order=False, how="the connection with an EV failed", text=why))

    secc = SeccServer(evse, SystemClock(), config, listener, watcher=console.said, ended=ended, failed=failed)
    try:
        await secc.start()
    except OSError as error:
        raise HarnessError(f"the SECC cannot listen: {error.strerror or error}") from error
    try:
        address = listener.interface or listener.host
        console.line(Ready(address=address, plain_port=secc.plain_port, tls_port=secc.tls_port, sdp_port=secc.sdp_port))
        with until_interrupted() as over:
            await over_in(over, seconds)
    finally:
        await secc.stop()
    return 0
