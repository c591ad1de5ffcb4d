import socket
import sys
from collections.abc import Iterator

import pytest
from v2x_harness import in_flight as module
from v2x_harness.in_flight import InFlight, in_flight

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the octets of a connection")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as one:
        other, _ = server.accept()
        with other:
            yield one, other


def numbers(*sockets: socket.socket) -> list[int]:
    return [each.fileno() for each in sockets]


@pytest.mark.parametrize("size", [0, 1, 40_000])
def test_what_has_come_is_not_under_way_read_or_not(ends: tuple[socket.socket, socket.socket], size: int) -> None:
    one, other = ends
    one.sendall(b"x" * size)
    assert in_flight(numbers(one, other), ()) is InFlight.NOTHING
    other.sendall(b"y" * size)
    assert in_flight(numbers(one, other), ()) is InFlight.NOTHING


def test_what_has_not_come_is_under_way(ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = ends
    one.sendall(b"x" * 10)
    told = module._info

    def behind(end: socket.socket) -> tuple[int, int, int, int] | None:
        # Nothing can be delayed on a loopback interface, so the kernel is made to know of less than has come.
        info = told(end)
        assert info is not None
        return (info[0], 0, *info[2:]) if end.fileno() == other.fileno() else info

    monkeypatch.setattr(module, "_info", behind)
    assert in_flight(numbers(one, other), ()) is InFlight.SOMETHING


def test_of_a_connection_that_leaves_the_process_nothing_is_known(ends: tuple[socket.socket, socket.socket]) -> None:
    one, _ = ends
    assert in_flight(numbers(one), ()) is InFlight.UNKNOWN


def test_of_a_connection_that_ends_nothing_is_known(ends: tuple[socket.socket, socket.socket]) -> None:
    one, other = ends
    one.shutdown(socket.SHUT_WR)
    assert in_flight(numbers(one, other), ()) is InFlight.UNKNOWN


def test_listening_and_unix_sockets_are_looked_past() -> None:
    one, other = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as server, one, other:
        assert in_flight(numbers(server, one, other), ()) is InFlight.NOTHING


def test_datagrams_are_unknown_where_any_came() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        assert in_flight(numbers(end), ()) is InFlight.NOTHING
        assert in_flight(numbers(end), numbers(end)) is InFlight.UNKNOWN


def test_sockets_stay_open_and_what_is_none_is_unknown(tmp_path) -> None:
    with (tmp_path / "file").open("w") as file, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        assert in_flight([file.fileno(), *numbers(end)], ()) is InFlight.UNKNOWN
        end.bind(("127.0.0.1", 0))
