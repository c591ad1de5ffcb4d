"""Third-party products that the suites are tried on, each in an environment of its own."""

from v2x_adapters.peers.catalogue import PeerProduct, catalogue, peer
from v2x_adapters.peers.install import PeerBlocked, install, process, why_not_ready

__all__ = ["PeerBlocked", "PeerProduct", "catalogue", "install", "peer", "process", "why_not_ready"]
