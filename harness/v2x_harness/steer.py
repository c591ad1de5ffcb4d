"""Steering a link, as data: what a case or a seeded fault asks a tap to do to the frames that pass.

The same vocabulary serves a case that acts on the link (`Steer` put in the tap's *steer* stage, after the frame is recorded)
and a seeded fault (in the *disguise* stage on the subject's side: before a frame of the subject is recorded, after a frame for it
was recorded), so that the journal shows the fault as the product's own doing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from v2x_harness.events import Json

type Shape = Literal[
    "",
    "invalid_utf8",
    "fragments",
    "unfinished",
    "wrong_mask",
    "reserved_opcode",
    "reserved_bits",
    "long_ping",
    "octets",
]
"""How a message becomes WebSocket frames: as RFC 6455 has it (empty), or as no library would send it.

``invalid_utf8``: a text frame that is none; ``fragments``: legal, but in three frames; ``unfinished``: a first fragment that is
never followed; ``wrong_mask``: unmasked from a client, masked from a server; ``reserved_opcode``: 3; ``reserved_bits``: RSV2
without an extension; ``long_ping``: a ping beyond 125 bytes; ``octets``: the text is hexadecimal, sent as it is below framing.
"""


class Steer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One instruction: which frames, and what to do to them.

    Attributes:
        sender: role whose frames are meant; empty for any.
        label: glob over the frame's label (``CALL BootNotification``, ``CALLRESULT *``); ``ping``, ``pong`` and ``close``, given
            exactly so, mean control frames, which no glob does.
        when: JSON pointer into the decoded frame to the value that must stand there; all must hold.
        nth: 0 for every match, k for the k-th only (from 1); ``from_nth`` for the k-th and all later ones.
        do: ``drop``; ``delay`` (by ``seconds``, others pass it); ``duplicate`` (``times`` more, ``seconds`` apart); ``hold`` (let
            the next frame of the same sender pass first; ``seconds`` at most, 0 for as long as it takes); ``rewrite`` (apply
            ``set`` and ``remove``); ``replace`` (send ``raw`` instead); ``inject`` (send ``raw`` to ``to``, its receiver when
            empty, ``seconds`` after it); ``answer`` (drop it and send ``raw`` back to its sender after ``seconds``); ``close``
            (drop it and close the connection with ``code`` after ``seconds``); ``reset`` (drop it and abort the transport).
            All steps that match a frame act on it in their order, until one drops it.
        set: JSON pointer to new value. ``remove``: JSON pointers to delete.
        raw: text to send; ``{0}``, ``{1}``… stand for the elements of the matched frame when it is a JSON array (``{1}`` is an
            OCPP-J message id), ``{{`` and ``}}`` for braces.
        binary: send ``raw`` as a binary frame.
        shape: how what is sent is put on the wire, see `Shape`.
    """

    do: Literal["drop", "delay", "duplicate", "hold", "rewrite", "replace", "inject", "answer", "close", "reset"]
    sender: str = ""
    label: str = "*"
    when: dict[str, Json] = {}
    nth: int = 0
    from_nth: int = 0
    seconds: float = 0.0
    times: int = 1
    set: dict[str, Json] = {}
    remove: tuple[str, ...] = ()
    raw: str = ""
    binary: bool = False
    to: str = ""
    code: int = 1000
    shape: Shape = ""


class Toxic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A condition of the network, in the field's words, for both directions or one.

    Attributes:
        kind: ``latency`` (``seconds`` with ``jitter``), ``bandwidth`` (``rate`` bytes a second), ``slow_close``, ``timeout``
            (nothing passes, closed after ``seconds``), ``reset``, ``slice`` (WebSocket fragments, or TCP
            segments, of ``size`` bytes, these ``seconds`` apart), ``limit``
            (closed after ``size`` bytes), ``duplicate``, ``reorder``, ``drop`` (each with ``probability``).
        sender: role whose frames are meant; empty for both.
    """

    kind: Literal["latency", "bandwidth", "slow_close", "timeout", "reset", "slice", "limit", "duplicate", "reorder", "drop"]
    sender: str = ""
    seconds: float = 0.0
    jitter: float = 0.0
    rate: int = 0
    size: int = 0
    probability: float = 1.0
