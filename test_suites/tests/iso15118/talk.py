"""Sessions between our EVCC and our SECC without sockets, as a judge gets them; and what one can do to them."""

import base64
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from v2x_adapters.v2gtp.reading import Reading
from v2x_adapters.v2gtp.units import of_datagram
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.editions import DIN, ISO2, ISO20_AC, ISO20_DC
from v2x_architecture.iso15118.evcc import DriverSettings, Evcc, EvccConfig, SimulatedEv, Wish
from v2x_architecture.iso15118.secc import Close, EvseSettings, Memory, Secc, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.v2gtp import Framer, encode
from v2x_architecture.site import AcOutletModel, DcSupply, DcSupplyModel
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel
from v2x_harness.events import Event, Frame, LinkEvent
from v2x_suites.iso15118.rules import Iso15118Judge

LINK = "secc<-evcc#1"
BOTH_WAYS = RessModel(max_discharge_a=100.0, max_discharge_w=30_000.0)


@dataclass
class Line:
    """A message on the wire."""

    t: float
    sender: str
    octets: bytes
    label: str = ""
    fate: str = "forwarded"


@dataclass
class Talk:
    """What passed on one connection; every change gives a new one."""

    lines: list[Line] = field(default_factory=list)
    tls: str = ""
    link: str = LINK
    closed_after: float | None = 0.0
    closed_by: str = "evcc"

    def events(self, n: int = 0) -> Iterator[Event]:
        start = self.lines[0].t
        tls = {"version": self.tls}
        detail = {"peer": "[::1]:1", "secc": "[::1]:2"} | ({"tls": tls, "secc_tls": tls} if self.tls else {})
        yield LinkEvent(link=self.link, event="open", by="evcc", protocol="iso15118", detail=detail, n=n, t=start)
        for each in self.lines:
            n += 1
            to = "secc" if each.sender == "evcc" else "evcc"
            raw = base64.b64encode(each.octets).decode()
            yield Frame(link=self.link, sender=each.sender, to=to, raw=raw, media="binary", fate=each.fate, n=n, t=each.t)
        if self.closed_after is not None:
            t = self.lines[-1].t + self.closed_after
            yield LinkEvent(link=self.link, event="close", by=self.closed_by, detail={"reason": "end"}, n=n + 1, t=t)

    def labels(self) -> list[str]:
        return [each.label for each in self.lines]

    def place(self, label: str, nth: int = 1) -> int:
        """Return where a message stands: the first, or the nth; counted from the end where that is negative."""
        places = [place for place, each in enumerate(self.lines) if each.label == label]
        return places[nth - 1 if nth > 0 else nth]

    def edit(self, label: str, nth: int | None = None, **values: object) -> "Talk":
        """Give elements of a message another value, by their names; ``None`` takes one away. Of all messages, or the nth."""
        other, reading = copy.deepcopy(self), Reading()
        chosen = None if nth is None else self.place(label, nth)
        for place, each in enumerate(other.lines):
            meaning = reading.read(of_datagram(each.octets))
            if each.label == label and chosen in (None, place):
                form = copy.deepcopy(meaning.form)
                changed = [_set(form, name, value) for name, value in values.items()]
                assert all(changed), f"{label} has not all of {list(values)}: {form}"
                each.octets = reading.write(form)
        return other

    def drop(self, label: str, nth: int = 1, count: int = 1) -> "Talk":
        """Leave messages out, from one on."""
        other, place = copy.deepcopy(self), self.place(label, nth)
        del other.lines[place : place + count]
        return other

    def cut(self, label: str, nth: int = 1) -> "Talk":
        """Leave out all that comes after a message."""
        other = copy.deepcopy(self)
        del other.lines[self.place(label, nth) + 1 :]
        return other

    def copy_behind(self, label: str, nth: int, behind: str, behind_nth: int = 1) -> "Talk":
        """Say a message again behind another."""
        other, place = copy.deepcopy(self), self.place(behind, behind_nth)
        line = copy.copy(self.lines[self.place(label, nth)])
        line.t = self.lines[place].t
        other.lines.insert(place + 1, line)
        return other

    def late(self, label: str, seconds: float, nth: int = 1) -> "Talk":
        """Let a message, and all after it, come later."""
        other = copy.deepcopy(self)
        for each in other.lines[self.place(label, nth) :]:
            each.t += seconds
        return other

    def fate(self, label: str, fate: str, nth: int = 1) -> "Talk":
        """Say what the tap did with a message."""
        other = copy.deepcopy(self)
        other.lines[self.place(label, nth)].fate = fate
        return other


def _set(form: object, name: str, value: object) -> bool:
    """Set every element of a name, however deep; tell whether there was one."""
    found = False
    if isinstance(form, list):
        for each in form:
            found = _set(each, name, value) or found
    elif isinstance(form, dict):
        for key in list(form):
            if key == name:
                found = True
                if value is None:
                    del form[key]
                elif isinstance(value, int | float) and isinstance(form[key], dict) and "Value" in form[key]:
                    form[key] = {**form[key], **_scaled(form[key], value)}
                else:
                    form[key] = value
            else:
                found = _set(form[key], name, value) or found
    return found


def _scaled(old: dict[str, object], value: float) -> dict[str, object]:
    power = "Exponent" if "Exponent" in old else "Multiplier"
    whole = round(value) if abs(value) > 3000 else round(value * 10)
    scale = 0 if abs(value) > 3000 else -1
    while abs(whole) > 32767:
        whole, scale = round(whole / 10), scale + 1
    return {power: scale, "Value": whole}


def judged(*talks: Talk) -> list[tuple[str, str]]:
    """Return which rules have found something, and who is at fault."""
    return [(each.source.removeprefix("rule:iso15118."), each.party) for each in findings(*talks)]


def findings(*talks: Talk, timed: bool = True):
    judge, found, n = Iso15118Judge(), [], 0
    judge.timed = timed
    for talk in talks:
        for event in talk.events(n):
            n = event.n
            found += judge.feed(event)
        n += 1
    found += judge.finish()
    return found


# Good sessions


def talk(
    plug: Coupling,
    config: EvccConfig,
    *,
    driver: DriverSettings | None = None,
    evse: EvseSettings | None = None,
    memory: Memory | None = None,
    tls: str = "",
    start: float = 0.0,
    until: float = 10_000.0,
) -> tuple[Talk, Evcc]:
    """Let an EVCC and an SECC talk."""
    secc = Secc(
        SimulatedEvse(plug, evse), SeccConfig(iso20_needs_tls=False, pace_s=0.01), memory, now=start, tls_version=tls or None
    )
    evcc = Evcc(SimulatedEv(plug, driver), config, now=start)
    said, now = Talk(tls=tls), start
    queue = [("evcc", each) for each in evcc.start(now)]
    while True:
        while queue:
            sender, output = queue.pop(0)
            if isinstance(output, Close):
                continue
            octets = encode(output.payload_type, output.payload)
            now += 0.005
            said.lines.append(Line(now, sender, octets, output.name))
            (event,) = Framer().receive(octets)
            other, name = (secc, "secc") if sender == "evcc" else (evcc, "evcc")
            queue += [(name, each) for each in other.receive(event, now)]
        due = [each for each in (evcc.next_deadline, secc.next_deadline) if each is not None]
        if evcc.outcome is not None or not due or min(due) > until:
            return said, evcc
        now = max(now, min(due))
        queue += [("secc", each) for each in secc.handle_timeout(now)]
        queue += [("evcc", each) for each in evcc.handle_timeout(now)]


def ac_plug(soc: float = 79.9, **outlet: float) -> Coupling:
    ev = ElectricVehicle(VehicleModel(soc=soc))
    return Coupling(outlet=AcOutletModel(**outlet), vehicle=ev, ress=Ress(BOTH_WAYS, ev))


def dc_plug(soc: float = 79.8, **supply: float) -> Coupling:
    ev = ElectricVehicle(VehicleModel(soc=soc))
    return Coupling(supply=DcSupply(DcSupplyModel(**supply)), vehicle=ev, ress=Ress(BOTH_WAYS, ev))


def _evcc20(control: str = "Scheduled", *, both: bool = False, resume: object = None) -> EvccConfig:
    return EvccConfig(
        applications=(ISO20_DC, ISO20_AC), control=control, bidirectional=both, iso20_needs_tls=False, resume=resume
    )


TLS = "TLSv1.3"
RENEGOTIATE = {"wish": Wish.RENEGOTIATE}
GIVE = {"give_w": 10_000.0, "keep_soc": 49.8, "max_discharge_w": 10_000.0}
BACK = {"max_discharge_w": 10_000.0, "target_soc": 50.1}


def sessions() -> dict[str, list[Talk]]:
    """Return good sessions of all editions and kinds, by name."""
    din, iso2 = EvccConfig(applications=(DIN,)), EvccConfig(applications=(ISO2,))
    both_ac, both_dc = {"max_discharge_a": 16.0}, {"max_discharge_a": 50.0, "max_discharge_w": 20_000.0}
    back = EvseSettings(target_power_w=-8_000.0)
    plain = {
        "din": (dc_plug(), din, {}),
        "2 dc": (dc_plug(), iso2, {}),
        "2 dc limited": (dc_plug(), iso2, {"evse": EvseSettings(max_current_a=40.0, max_power_w=11_000.0)}),
        "2 ac": (ac_plug(), iso2, {}),
        "2 ac renegotiated": (ac_plug(), iso2, {"driver": DriverSettings(**RENEGOTIATE)}),
        "2 dc renegotiated": (dc_plug(), iso2, {"driver": DriverSettings(**RENEGOTIATE)}),
        "20 dc": (dc_plug(), _evcc20(), {"tls": TLS}),
        "20 dc dynamic": (dc_plug(), _evcc20("Dynamic"), {"tls": TLS}),
        "20 dc renegotiated": (dc_plug(), _evcc20(), {"tls": TLS, "driver": DriverSettings(**RENEGOTIATE)}),
        "20 dc both": (dc_plug(50.0, **both_dc), _evcc20(both=True), {"tls": TLS, "driver": DriverSettings(**GIVE)}),
        "20 dc both dynamic": (
            dc_plug(50.0, **both_dc),
            _evcc20("Dynamic", both=True),
            {"tls": TLS, "driver": DriverSettings(**BACK), "evse": back, "until": 60.0},
        ),
        "20 ac": (ac_plug(), _evcc20(), {"tls": TLS}),
        "20 ac dynamic": (ac_plug(), _evcc20("Dynamic"), {"tls": TLS}),
        "20 ac renegotiated": (ac_plug(), _evcc20(), {"tls": TLS, "driver": DriverSettings(**RENEGOTIATE)}),
        "20 ac both": (ac_plug(50.0, **both_ac), _evcc20(both=True), {"tls": TLS, "driver": DriverSettings(**GIVE)}),
        "20 ac both dynamic": (
            ac_plug(50.0, **both_ac),
            _evcc20("Dynamic", both=True),
            {"tls": TLS, "driver": DriverSettings(**BACK), "evse": back, "until": 60.0},
        ),
    }
    made = {name: [talk(plug, config, **more)[0]] for name, (plug, config, more) in plain.items()}
    for name, plug, tls in (("2 ac paused", ac_plug(50.0), ""), ("20 dc paused", dc_plug(50.0), TLS)):
        applications = (ISO20_DC,) if tls else (ISO2,)
        memory, pause = Memory(), DriverSettings(wish=Wish.PAUSE)
        config = EvccConfig(applications=applications, iso20_needs_tls=False)
        first, evcc = talk(plug, config, driver=pause, memory=memory, tls=tls)
        config = EvccConfig(applications=applications, iso20_needs_tls=False, resume=evcc.paused)
        driver, start = DriverSettings(target_soc=50.1), first.lines[-1].t + 60
        second, _ = talk(plug, config, driver=driver, memory=memory, tls=tls, start=start)
        second.link = "secc<-evcc#2"
        made[name] = [first, second]
    return made
