"""The product that the settings of a subject's operator name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from v2x_harness.errors import AdapterError
from v2x_harness.events import Json

from v2x_adapters import peers
from v2x_adapters.process import manifest
from v2x_adapters.process.host import AdapterProcess, Limits


class AdapterProduct(AdapterProcess):
    """A product behind the adapter that ``[operator] kind = "adapter"`` names.

    Args:
        settings: ``adapter``: the name of a third-party product that we know (``v2x adapter list``), or the folder of an adapter
            with its ``adapter.toml``; or ``command``: program and arguments as they are.
        folder: of the subject file; paths are relative to it.
        on_note: called with each line that the adapter logs.

    Raises:
        PeerBlocked: the product is known, but not installed here.
        AdapterError: the settings name no adapter, or its manifest is wrong.
    """

    def __init__(
        self, settings: Mapping[str, Json], folder: Path | None = None, *, on_note: Callable[[str], None] | None = None
    ) -> None:
        base = folder or Path()
        match settings.get("adapter"), settings.get("command"):
            case str() as name, None if name in peers.catalogue():
                launch = peers.launch(peers.peer(name))
                limits = Limits(start=launch.start)
                super().__init__(name, launch.command, environment=launch.environment, limits=limits, on_note=on_note)
            case str() as name, None:
                if not (base / name).exists():
                    raise AdapterError(
                        f"there is no adapter {name}: neither a folder {base / name} nor a product we know",
                        f"known products: {', '.join(peers.catalogue())}",
                    )
                of, place = manifest.load(base / name)
                limits = Limits(start=of.start, do=of.do, stop=of.stop)
                super().__init__(of.name, of.command, folder=place, environment=of.environment, limits=limits, on_note=on_note)
            case None, [str() as program, *_] as command:
                super().__init__(Path(program).name, [str(word) for word in command], folder=base, on_note=on_note)
            case _:
                raise AdapterError(
                    "the operator names no adapter",
                    '[operator] kind = "adapter" needs adapter = "NAME or FOLDER", or command = ["PROGRAM"]',
                )
