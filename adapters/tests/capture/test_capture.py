"""What is written can be read again; what others write can be read; what is no capture does no harm."""

from ipaddress import IPv4Address, IPv6Address
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_adapters.capture.files import Capture, CaptureError, is_capture
from v2x_adapters.capture.layers import Datagram, Segment, opened
from v2x_adapters.capture.packets import Flags, tcp, udp
from v2x_adapters.capture.pcapng import RAW_IP, PcapngWriter
from v2x_adapters.capture.tcp import Ended, Octets, Opened, Reassembly
from v2x_harness.errors import AdapterError

EV, SECC = (IPv6Address("fe80::1"), 49_152), (IPv6Address("fe80::2"), 50_000)
EV4, SECC4 = (IPv4Address("10.0.0.1"), 49_152), (IPv4Address("10.0.0.2"), 50_000)


def reassembled(segments):
    reassembly = Reassembly()
    events = [event for each in segments for event in reassembly.take(each)]
    return [*events, *reassembly.finish()]


def octets(events, source):
    return b"".join(each.data for each in events if isinstance(each, Octets) and each.source == source)


def segments_of(path):
    capture = Capture(path)
    found = [opened(each.link_type, each.data) for each in capture.packets()]
    assert capture.problem == ""
    assert None not in found
    return found


@pytest.mark.parametrize(("client", "server"), [(EV, SECC), (EV4, SECC4)], ids=["IPv6", "IPv4"])
def test_what_a_tap_writes_is_read_again(tmp_path, client, server) -> None:
    long = bytes(range(256)) * 20
    with PcapngWriter(tmp_path / "a.pcapng", ("evcc", "secc"), lambda: 1_700_000_000.25) as writer:
        writer.datagram(0, client, server, b"\x01\xfe\x90\x00")
        flow = writer.connection(1, client, server)
        flow.send(long, by_client=True)
        flow.send(b"answer", by_client=False)
        flow.end(by_client=True)
        flow.send(b"never", by_client=True)
        flow.reset(by_client=False)
        flow.reset(by_client=True)
    packets = list(Capture(tmp_path / "a.pcapng").packets())
    assert {each.time for each in packets} == {1_700_000_000.25}
    assert {each.link_type for each in packets} == {RAW_IP}
    first, *segments = segments_of(tmp_path / "a.pcapng")
    assert first == Datagram(client, server, b"\x01\xfe\x90\x00")
    events = reassembled(segments)
    assert events[0] == Opened(1, client, server, sure=True)
    assert (octets(events, client), octets(events, server)) == (long, b"answer")
    assert [each for each in events if isinstance(each, Ended)] == [Ended(1, client), Ended(1, server, reset=True)]


def test_checksums_are_good() -> None:
    def total(data):
        words = sum(int.from_bytes((data + b"\0")[i : i + 2]) for i in range(0, len(data), 2))
        while words >> 16:
            words = (words & 0xFFFF) + (words >> 16)
        return words

    def pseudo(packet, protocol):
        return packet[8:40] + (len(packet) - 40).to_bytes(4) + protocol.to_bytes(4) + packet[40:]

    assert total(pseudo(tcp(EV, SECC, 1, 2, Flags.ACK, b"odd"), 6)) == 0xFFFF
    assert total(pseudo(udp(EV, SECC, b"even"), 17)) == 0xFFFF
    assert total(udp(EV4, SECC4, b"x")[:20]) == 0xFFFF


def test_an_existing_file_is_not_overwritten(tmp_path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(AdapterError, match="cannot write the capture"):
        PcapngWriter(tmp_path / "a", ("evcc",), lambda: 0.0)


PACKET = udp(EV, SECC, b"hello")
HEADS = {
    0: bytes(4),
    1: bytes(12) + b"\x86\xdd",
    101: b"",
    113: bytes(14) + b"\x86\xdd",
    276: b"\x86\xdd" + bytes(18),
    229: b"",
}


@pytest.mark.parametrize("link_type", HEADS)
@pytest.mark.parametrize(("magic", "order", "ticks"), [(0xA1B2C3D4, ">", 1e6), (0xA1B2C3D4, "<", 1e6), (0xA1B23C4D, "<", 1e9)])
def test_pcap_of_every_kind(tmp_path, link_type, magic, order, ticks) -> None:
    data = HEADS[link_type] + PACKET
    file = tmp_path / "a.pcap"
    head = pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65_535, link_type)
    record = pack(f"{order}IIII", 7, int(ticks / 2), len(data), len(data)) + data
    file.write_bytes(head + record + record)
    assert is_capture(head)
    assert [each.time for each in Capture(file).packets()] == [7.5, 7.5]
    assert segments_of(file) == [Datagram(EV, SECC, b"hello")] * 2
    file.write_bytes(head + record + record[:-1])
    capture = Capture(file)
    assert len(list(capture.packets())) == 1
    assert capture.problem == "the file is cut off behind packet 1"


def test_vlan_tags_and_extension_headers_are_passed() -> None:
    tagged = bytes(12) + b"\x81\x00\x00\x05" + b"\x86\xdd" + PACKET
    assert opened(1, tagged) == Datagram(EV, SECC, b"hello")
    body = b"\x11\x00" + bytes(6) + PACKET[40:]
    hop = PACKET[:4] + len(body).to_bytes(2) + b"\x00\x40" + PACKET[8:40] + body
    assert opened(101, hop) == Datagram(EV, SECC, b"hello")


def test_other_link_types_and_protocols_are_passed_over() -> None:
    assert opened(1, bytes(12) + b"\x88\xe1" + bytes(50)) is None
    assert opened(147, PACKET) is None
    assert opened(101, PACKET[:6] + b"\x3a" + PACKET[7:]) is None


def test_padding_of_short_packets_is_no_data() -> None:
    assert opened(1, HEADS[1] + PACKET + bytes(20)) == Datagram(EV, SECC, b"hello")


def test_what_is_no_capture(tmp_path) -> None:
    (tmp_path / "a").write_bytes(b"hello")
    with pytest.raises(CaptureError, match="is no capture"):
        list(Capture(tmp_path / "a").packets())
    with pytest.raises(CaptureError, match="cannot read"):
        list(Capture(tmp_path / "none").packets())


@given(st.sampled_from([b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a"]), st.binary(max_size=200))
def test_damaged_files_do_no_harm(tmp_path_factory, magic, rest) -> None:
    file = tmp_path_factory.mktemp("c") / "a"
    file.write_bytes(magic + rest)
    for each in Capture(file).packets():
        opened(each.link_type, each.data)


@given(st.sampled_from(sorted(HEADS)), st.binary(max_size=120) | st.binary(max_size=80).map(lambda tail: PACKET[:30] + tail))
def test_damaged_packets_do_no_harm(link_type, data) -> None:
    opened(link_type, data)


# Reassembly


def conversation(data, sizes, start):
    """Return a client's segments of some data, cut into pieces, its first number being `start`."""
    segments = [Segment(EV, SECC, start, 0, Flags.SYN, b"")]
    at = 0
    for size in (*sizes, len(data)):
        piece = data[at : at + size]
        if piece:
            segments.append(Segment(EV, SECC, (start + 1 + at) % (1 << 32), 1, Flags.ACK, piece))
        at += size
    return [*segments, Segment(EV, SECC, (start + 1 + len(data)) % (1 << 32), 1, Flags.FIN | Flags.ACK, b"")]


@given(
    st.binary(min_size=1, max_size=200),
    st.lists(st.integers(1, 40), max_size=8),
    st.sampled_from([0, 5, (1 << 32) - 20]),
    st.randoms(use_true_random=False),
)
def test_order_and_repetition_do_not_matter(data, sizes, start, rng) -> None:
    syn, *segments = conversation(data, sizes, start)
    segments += rng.sample(segments, len(segments) // 2)
    rng.shuffle(segments)
    events = reassembled([syn, *segments])
    assert octets(events, EV) == data
    assert sum(isinstance(each, Ended) for each in events) == 1
    assert not any(each.gap for each in events if isinstance(each, Octets))


def test_a_gap_is_told_when_the_peer_acknowledges_what_is_missing() -> None:
    syn, first, second, third, fin = conversation(b"aaabbbccc", (3, 3, 3), 100)
    del second
    events = reassembled([syn, first, third, Segment(SECC, EV, 0, 110, Flags.ACK, b""), fin])
    assert [(each.data, each.gap) for each in events if isinstance(each, Octets)] == [(b"aaa", False), (b"ccc", True)]


def test_a_gap_is_told_at_the_end() -> None:
    syn, first, _, third, _ = conversation(b"aaabbbccc", (3, 3, 3), 100)
    events = reassembled([syn, first, third])
    assert [(each.data, each.gap) for each in events if isinstance(each, Octets)] == [(b"aaa", False), (b"ccc", True)]


def test_a_capture_that_begins_within_a_connection() -> None:
    _, first, *_ = conversation(b"aaa", (), 100)
    assert reassembled([first]) == [Opened(1, EV, SECC, sure=False), Octets(1, EV, b"aaa")]


def test_the_same_ports_again_are_another_connection() -> None:
    events = reassembled([*conversation(b"a", (), 100), *conversation(b"b", (), 9_000)])
    assert [each.connection for each in events if isinstance(each, Opened)] == [1, 2]


def test_a_reset_ends_both_sides() -> None:
    reset = Segment(SECC, EV, 1, 1, Flags.RST | Flags.ACK, b"")
    events = reassembled([*conversation(b"a", (), 100)[:-1], reset])
    assert events[-1] == Ended(1, SECC, reset=True)


def test_what_is_sent_while_something_lost_is_on_its_way_is_told_as_held_back() -> None:
    syn, first, second, third, _ = conversation(b"aaabbbccc", (3, 3, 3), 100)
    acknowledged = Segment(SECC, EV, 0, 107, Flags.ACK, b"")
    held = [each.held for each in reassembled([syn, first, first, second, third]) if isinstance(each, Octets)]
    assert held == [False, True, True]
    events = reassembled([syn, first, first, second, acknowledged, third])
    assert [each.held for each in events if isinstance(each, Octets)] == [False, True, False]


def test_what_comes_out_of_order_is_told_as_held_back() -> None:
    syn, first, second, third, _ = conversation(b"aaabbbccc", (3, 3, 3), 100)
    held = [each.held for each in reassembled([syn, first, third, second]) if isinstance(each, Octets)]
    assert held == [False, True, True]
