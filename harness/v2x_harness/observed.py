"""What a run learns of the product beside its verdicts: which capabilities it shows (PICS), and what it says that it is.

Whoever sees such a thing notes it in the journal; when the run is over, the notes correct what was declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from v2x_harness.events import Event, Note
from v2x_harness.journal import Recorder

_PICS, _IDENTITY = "pics", "identity"


class Observed(msgspec.Struct, kw_only=True):
    """What was noted of a product.

    Attributes:
        pics: capability id to whether it is there; the last word counts.
        identity: what it says of itself (``vendor``, ``model``, ``version``, ``serial``, ``server``, ``subprotocol``…); several
            different words about the same are all kept, with a comma between them.
    """

    pics: dict[str, bool] = {}
    identity: dict[str, str] = {}

    def add(self, event: Event) -> None:
        """Take an event; all but the notes of this module is passed over."""
        if not isinstance(event, Note):
            return
        if event.topic == _PICS:
            self.pics |= msgspec.json.decode(event.text, type=dict[str, bool])
        elif event.topic == _IDENTITY:
            for name, said in msgspec.json.decode(event.text, type=dict[str, str]).items():
                known = self.identity.get(name)
                words = dict.fromkeys((*(known.split(", ") if known else ()), *said.split(", ")))
                self.identity[name] = ", ".join(words)


def observed_in(events: Iterable[Event]) -> Observed:
    """Return what the notes in a journal say of the product."""
    observed = Observed()
    for event in events:
        observed.add(event)
    return observed


def note_pics(recorder: Recorder, pics: Mapping[str, bool]) -> None:
    """Note which capabilities a product shows to have, and which it shows not to have."""
    recorder.record(Note(topic=_PICS, text=msgspec.json.encode(dict(pics)).decode()))


def note_identity(recorder: Recorder, identity: Mapping[str, str]) -> None:
    """Note what a product says of itself."""
    recorder.record(Note(topic=_IDENTITY, text=msgspec.json.encode(dict(identity)).decode()))


def differing(declared: Mapping[str, bool], observed: Mapping[str, bool]) -> str:
    """Return in words where declared and observed capabilities differ; empty when they do not.

    What is declared and not observed, or observed and not declared, is no difference.
    """
    different = [i for i in sorted(declared.keys() & observed.keys()) if declared[i] is not observed[i]]
    said = {True: "yes", False: "no"}
    return ", ".join(f"{i} declared {said[declared[i]]}, observed {said[observed[i]]}" for i in different)
