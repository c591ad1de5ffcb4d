"""OCPP-J 1.6, 2.0.1 and 2.1: the RPC framework, its schemas, and asyncio front ends.

``messages`` and ``rpc`` do no I/O; ``endpoint``, ``client`` and ``server`` put them on WebSockets.
"""
