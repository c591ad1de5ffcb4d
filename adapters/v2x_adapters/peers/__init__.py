"""Third-party products that the suites are tried on, each in an environment of its own."""

from v2x_adapters.peers.catalogue import PeerProduct, catalogue, peer
from v2x_adapters.peers.install import Launch, PeerBlocked, install, launch, why_not_ready

__all__ = ["Launch", "PeerBlocked", "PeerProduct", "catalogue", "install", "launch", "peer", "why_not_ready"]
