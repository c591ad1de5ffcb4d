"""Where an SECC is, as a URL."""

import pytest
from v2x_adapters.iso15118.places import Place
from v2x_harness.errors import SubjectError


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sdp://eth0", Place(scheme="sdp", host="", interface="eth0", port=15118)),
        ("sdp://[::1]:4711", Place(scheme="sdp", host="::1", port=4711)),
        ("sdp://[fe80::1%25veth-evse.1]", Place(scheme="sdp", host="fe80::1", interface="veth-evse.1", port=15118)),
        ("tcp://[fe80::1%25eth0]:61341", Place(scheme="tcp", host="fe80::1", interface="eth0", port=61341)),
        ("tls://[::1]:61342", Place(scheme="tls", host="::1", port=61342)),
    ],
)
def test_a_url_is_read_and_written(url: str, place: Place) -> None:
    assert Place.of(url) == place
    assert Place.of(place.url) == place


@pytest.mark.parametrize(
    "url", ["", "eth0", "ws://[::1]:1", "tcp://eth0:1", "tcp://[::1]", "sdp://[::1]:65536", "sdp://[nonsense]"]
)
def test_what_says_not_where_an_secc_is_is_the_users_mistake(url: str) -> None:
    with pytest.raises(SubjectError) as caught:
        Place.of(url)
    assert "sdp://" in caught.value.hint or "tcp://" in caught.value.hint
