"""What both adapters of `iso15118` (PyPI) need: the place it runs at, its certificates, a loop of its own, an EVSE.

The package is a library with a simulator of an EV and one of an EVSE. The state machines, the codec, the sockets and the EV are
its own. The EVSE's electrical values are those of `site`: the simulator's maximum is 40 V, which no EV can use.
"""
