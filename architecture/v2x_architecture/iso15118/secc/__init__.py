"""The SECC: sessions as a state machine without sockets, on a port to its EVSE.

`Secc` is one connection; `evse` is what it needs of the hardware, `simulated` an EVSE in software, `server` the sockets.
"""

from v2x_architecture.iso15118.secc.config import AddedService, Memory, Paused, SeccConfig
from v2x_architecture.iso15118.secc.engine import Secc
from v2x_architecture.iso15118.secc.evse import Evse
from v2x_architecture.iso15118.secc.outputs import Close, CloseReason, Output
from v2x_architecture.iso15118.secc.simulated import EvseSettings, SimulatedEvse
from v2x_architecture.iso15118.sending import Send

__all__ = [
    "AddedService",
    "Close",
    "CloseReason",
    "Evse",
    "EvseSettings",
    "Memory",
    "Output",
    "Paused",
    "Secc",
    "SeccConfig",
    "Send",
    "SimulatedEvse",
]
