"""The architecture as data holds together."""

from __future__ import annotations

from v2x_architecture.actors import ACTORS, INTERFACES, drawing


def test_ids_are_unique() -> None:
    assert len({a.id for a in ACTORS}) == len(ACTORS)
    assert len({i.id for i in INTERFACES}) == len(INTERFACES)


def test_interfaces_join_actors_that_exist() -> None:
    known = {a.id for a in ACTORS}
    assert all(set(i.between) <= known and len(i.between) > 1 for i in INTERFACES)


def test_what_is_judged_here_is_spoken_there() -> None:
    assert all(set(i.here) <= set(i.protocols) for i in INTERFACES)


def test_the_drawing_shows_every_actor_and_interface() -> None:
    text = drawing()
    assert all(f'["{a.name}"]' in text for a in ACTORS)
    assert all(f'"{i.id}: ' in text for i in INTERFACES)
