"""The EVCC: sessions as scripts that a state machine without sockets runs, on a port to its vehicle.

`Evcc` is one connection; `vehicle` is what it needs of the hardware, `simulated` a vehicle in software, `client` the sockets.
"""

from v2x_architecture.iso15118.evcc.engine import Evcc
from v2x_architecture.iso15118.evcc.script import Ending, EvccConfig, Outcome, Paused
from v2x_architecture.iso15118.evcc.simulated import DriverSettings, SimulatedEv
from v2x_architecture.iso15118.evcc.vehicle import Ev, Wish

__all__ = ["DriverSettings", "Ending", "Ev", "Evcc", "EvccConfig", "Outcome", "Paused", "SimulatedEv", "Wish"]
