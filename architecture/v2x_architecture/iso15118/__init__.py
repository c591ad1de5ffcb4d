"""ISO 15118 and DIN SPEC 70121: how an EV and a charging station speak over power line, from the EXI bits up to the session.

`v2gtp` frames what goes over TCP and UDP, `sdp` lets an EV find its SECC, `exi` turns messages into bits and back. `editions`,
`timers`, `sequences` and `negotiation` are what the standards have in tables. `secc` and `evcc` hold sessions, without sockets;
`conversation` joins one of them to its connection.
"""
