"""What both adapters of `iso15118` (PyPI) need: the place it runs at, its certificates, a loop of its own, an EVSE, a vehicle.

The package is a library with a simulator of an EV and one of an EVSE. The state machines, the codec and the sockets are its
own, and so are the simulators but for what `site` and `vehicle` put right: an EVSE of 40 V at most, which no EV can use, and a
battery of 20 kV.
"""
