"""Parts of the messages of ISO 15118-20 for energy that flows both ways (BPT): those for one way, and what is added."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from v2x_architecture.iso15118.exi.messages.iso20_common_types import RationalNumberType


def both_ways[T: msgspec.Struct](kind: type[T], one_way: msgspec.Struct, added: Mapping[str, RationalNumberType]) -> T:
    """Return a part for both ways.

    Args:
        kind: of the part, a subclass of that for one way.
        one_way: the part for one way; its values are taken over.
        added: what the subclass has more.

    Raises:
        TypeError: something that it must have is missing, or it has no such field.
    """
    return kind(**msgspec.structs.asdict(one_way), **added)
