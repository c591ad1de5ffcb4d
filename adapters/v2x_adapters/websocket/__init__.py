"""The WebSocket tap: a point of control and observation in the middle of a WebSocket link."""

from v2x_adapters.websocket.tap import WebSocketTap

__all__ = ["WebSocketTap"]
