"""``v2x reference evcc``: the reference EVCC on its own, for SECCs that want an EV to talk to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from v2x_architecture.coupling import Coupling
    from v2x_architecture.iso15118.evcc import DriverSettings, EvccConfig
    from v2x_architecture.iso15118.evcc.client import SeccAddress


def evcc_command(
    interface: Annotated[str, typer.Option(help="Network interface of the charging cable; SDP is multicast there.")] = "",
    host: Annotated[str, typer.Option(help="IPv6 address of the SECC, where there is no interface.")] = "::1",
    port: Annotated[int, typer.Option(help="TCP port of the SECC; 0: ask over SDP.", min=0, max=65535)] = 0,
    sdp_port: Annotated[int, typer.Option(help="UDP port of SDP.", min=1, max=65535)] = 15118,
    root: Annotated[list[Path] | None, typer.Option(help="PEM V2G root; asks for TLS. May be repeated.")] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM chain of the vehicle, for TLS 1.3 with both sides' certificates.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="PEM private key of --certificate.")] = None,
    any_profile: Annotated[
        bool, typer.Option("--any-profile", help="Take a certificate that chains to --root but is not of the profile.")
    ] = False,
    keylog: Annotated[Path | None, typer.Option(help="File that TLS session keys are added to, for dissectors.")] = None,
    protocol: Annotated[
        list[str] | None, typer.Option(help="din, iso2, iso20-ac or iso20-dc, the dearest first; may be repeated.")
    ] = None,
    energy: Annotated[Literal["any", "AC", "DC"], typer.Option(help="Which way of energy transfer the EV takes.")] = "any",
    capacity: Annotated[float, typer.Option(help="Usable energy of the battery (Wh).", min=1)] = 60_000,
    soc: Annotated[float, typer.Option(help="State of charge on arrival (percent).", min=0, max=100)] = 50,
    target: Annotated[float, typer.Option(help="State of charge to stop at (percent).", min=0, max=100)] = 80,
    control: Annotated[Literal["Scheduled", "Dynamic"], typer.Option(help="Who decides on the power in 15118-20.")] = "Scheduled",
    discharge: Annotated[float, typer.Option(help="What the EV gives back at most, in 15118-20 (W).", min=0)] = 0,
    give: Annotated[float, typer.Option(help="In scheduled control: give back so much instead of charging (W).", min=0)] = 0,
    keep: Annotated[float, typer.Option(help="State of charge to keep when it gives (percent).", min=0, max=100)] = 20,
    plain_20: Annotated[bool, typer.Option("--plain-20", help="Offer 15118-20 without TLS 1.3, against the standard.")] = False,
    pause: Annotated[bool, typer.Option("--pause", help="Pause the session at once, and join it again.")] = False,
    seconds: Annotated[float, typer.Option("--for", min=0, help="Stop charging after so many seconds; 0: at the target.")] = 0,
    patience: Annotated[float, typer.Option(min=0.1, help="By how much the time for responses is stretched.")] = 1.0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, one event a line; its schema is published.")] = False,
) -> int:
    """Charge a simulated EV at an SECC, and show what both say. Ctrl-C stops charging in order.

    Exit code 0 when the session was stopped in order, 1 when not.

    Example: v2x reference evcc --interface eth1 --protocol iso2 --soc 79
    """
    # Here, because every v2x loads this module, and few want an EVCC.
    from v2x_architecture.coupling import Coupling
    from v2x_architecture.iso15118.evcc import DriverSettings, EvccConfig, Wish
    from v2x_architecture.iso15118.evcc.client import SeccAddress
    from v2x_architecture.iso15118.tls import EvccTls, Profile
    from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel

    from v2x_adapters import iso15118_console as console

    if (certificate is None) != (key is None):
        raise typer.BadParameter("--certificate and --key belong together")
    if certificate is not None and not root:
        raise typer.BadParameter("--certificate needs --root")
    tls = None
    if root:
        roots = tuple(console.readable(each) for each in root)
        profile = Profile.ISO20 if certificate is not None else Profile.ISO2
        tls = EvccTls(roots, certificate, key, profile, keylog=keylog, strict=not any_profile)
    address = SeccAddress(host=host, interface=interface or None, port=port or None, sdp_port=sdp_port, tls=tls)
    vehicle = ElectricVehicle(VehicleModel(capacity_wh=capacity, soc=soc))
    back = max(discharge, give)
    ress = Ress(RessModel(max_discharge_w=back, max_discharge_a=back / RessModel().min_voltage_v), vehicle)
    plug = Coupling(vehicle=vehicle, ress=ress)
    modes = tuple(mode for mode in DriverSettings().modes if energy in ("any", mode[:2]))
    driver = DriverSettings(
        modes=modes,
        target_soc=target,
        wish=Wish.PAUSE if pause else Wish.CHARGE,
        give_w=give,
        keep_soc=keep,
        max_discharge_w=back,
    )
    known = console.applications(protocol, EvccConfig().applications)
    spoken = tuple(each for each in known if energy == "any" or energy in each.energy)
    if not spoken:
        raise typer.BadParameter(f"--energy {energy}: none of the protocols has it")
    config = EvccConfig(
        applications=spoken, control=control, bidirectional=back > 0, iso20_needs_tls=not plain_20, patience=patience
    )
    return asyncio.run(_charge(plug, driver, config, address, seconds, json=json))


async def _charge(
    plug: Coupling, driver: DriverSettings, config: EvccConfig, address: SeccAddress, seconds: float, *, json: bool
) -> int:
    from v2x_architecture.clock import SystemClock
    from v2x_architecture.iso15118.evcc import Ending, Outcome, SimulatedEv, Wish
    from v2x_architecture.iso15118.evcc.client import EvccClient
    from v2x_architecture.iso15118.tcp import ConnectFailed
    from v2x_architecture.iso15118.udp import NotFound
    from v2x_harness.errors import HarnessError

    from v2x_adapters.interruption import until_interrupted
    from v2x_adapters.iso15118_console import Console, SessionEnd

    console, ev = Console(json=json), SimulatedEv(plug, driver)
    client = EvccClient(ev, SystemClock(), config, address, watcher=console.said)
    counted = 0.0

    async def session() -> Outcome:
        nonlocal counted
        try:
            outcome = await client.run()
        except NotFound as error:
            raise HarnessError(f"{error}", "is it on this interface? --port connects without SDP") from error
        except (ConnectFailed, OSError) as error:
            raise HarnessError(str(error)) from error
        balance = plug.meter.energy_wh - plug.meter.exported_wh
        energy, counted = balance - counted, balance
        console.line(
            SessionEnd(
                in_order=outcome.ending.in_order,
                how=outcome.ending.value,
                message=outcome.message,
                code=outcome.code,
                text=outcome.text,
                energy_wh=energy,
                soc=ev.vehicle.soc,
            )
        )
        return outcome

    def stop() -> None:
        driver.wish = Wish.STOP

    loop = asyncio.get_running_loop()
    timer = loop.call_later(seconds, stop) if seconds else None
    with until_interrupted() as over:
        watching = loop.create_task(over.wait())
        watching.add_done_callback(lambda _: stop())
        try:
            outcome = await session()
            if outcome.ending is Ending.PAUSED:
                outcome = await session()
        finally:
            if timer is not None:
                timer.cancel()
            watching.cancel()
    return 0 if outcome.ending.in_order else 1
