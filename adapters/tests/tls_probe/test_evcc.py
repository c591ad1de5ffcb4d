"""EVCCs are seen to offer what they offer, and to do about a certificate what they do."""

import asyncio

import pytest
from v2x_adapters.tls_probe import EvccProbe, Outcome, Step
from v2x_architecture.iso15118.tcp import ConnectFailed, connect
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls
from v2x_architecture.iso15118.v2gtp import PayloadType, encode

pytestmark = pytest.mark.anyio
HELLO = encode(PayloadType.EXI, b"\x80\x00")


async def drive(port, tls, say=HELLO):
    """An EVCC that speaks when it trusts; another that does not ends the connection without a word."""
    try:
        link = await connect("::1", port, tls)
    except ConnectFailed:
        return
    link.send_raw(say)
    if say:
        await link.receive()
    await link.close()


async def probed(secc, evcc, say=HELLO):
    async with EvccProbe(secc) as probe:
        answer, _ = await asyncio.gather(probe.answer(), drive(probe.port, evcc, say))
    assert answer is not None
    return answer


async def test_an_evcc_that_trusts_goes_on_to_speak(files):
    answer = await probed(SeccTls(files.secc.certificate, files.secc.key), EvccTls((files.v2g_root,)))
    assert (answer.outcome, answer.step, answer.heard) == (Outcome.ACCEPTED, Step.DATA, HELLO)
    assert (answer.version, answer.suite) == ("TLSv1.2", "ECDHE-ECDSA-AES128-SHA256")
    assert answer.certificate is None
    assert answer.hello is not None
    assert answer.hello.versions == ("TLSv1.2",)
    assert answer.hello.groups == ("secp256r1",)
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256" in answer.hello.suites
    assert answer.hello.trusted_ca_keys is None


async def test_a_vehicle_certificate_is_told(files20, pki20, kind20):
    group = {"p521": "secp521r1", "ed448": "X448"}[kind20]
    secc = SeccTls(files20.secc.certificate, files20.secc.key, (files20.oem_root,), Profile.ISO20, group)
    vehicle = files20.vehicle
    answer = await probed(secc, EvccTls((files20.v2g_root,), vehicle.certificate, vehicle.key, Profile.ISO20, group))
    assert answer.outcome is Outcome.ACCEPTED
    assert answer.version == "TLSv1.3"
    assert answer.certificate is not None


async def test_an_evcc_that_leaves_without_a_word_has_not_accepted(files):
    answer = await probed(SeccTls(files.secc.certificate, files.secc.key), EvccTls((files.v2g_root,)), say=b"")
    assert (answer.outcome, answer.step) == (Outcome.CLOSED, Step.DONE)


@pytest.mark.parametrize(
    ("bad", "alert"),
    [
        ("expired", "certificate_expired"),
        ("not_yet_valid", "bad_certificate"),
        ("wrong_usage", "unsupported_certificate"),
        ("wrong_chain", "unknown_ca"),
        ("unknown_root", "unknown_ca"),
        ("twin_root", "unknown_ca"),
        ("path_length", "unknown_ca"),
        ("leaf_by_leaf", "unknown_ca"),
    ],
)
async def test_an_evcc_that_refuses_says_why(files, bad, alert):
    shown = files.bad_secc[bad]
    answer = await probed(SeccTls(shown.certificate, shown.key), EvccTls((files.v2g_root,)))
    assert (answer.outcome, answer.alert) == (Outcome.REFUSED, alert)
    assert answer.heard == b""


async def test_an_offer_that_no_secc_can_take_is_no_refusal(files):
    answer = await probed(SeccTls(files.secc.certificate, files.secc.key), EvccTls((files.v2g_root,), profile=Profile.ISO20))
    assert answer.outcome is Outcome.DISAGREED
    assert answer.text == "UNSUPPORTED_PROTOCOL"
    assert answer.hello is not None
    assert answer.hello.versions == ("TLSv1.3",)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [(b"", Outcome.CLOSED), (HELLO, Outcome.NOT_TLS), (None, Outcome.SILENT)],
    ids=["nothing", "plain", "silent"],
)
async def test_an_evcc_without_tls_is_told(files, said, outcome):
    async with EvccProbe(SeccTls(files.secc.certificate, files.secc.key)) as probe:
        _, writer = await asyncio.open_connection("::1", probe.port)
        if said is None:
            answer = await probe.answer(10)
        else:
            writer.write(said)
            writer.write_eof()
            answer = await probe.answer()
        writer.close()
        await writer.wait_closed()
    assert answer is not None
    assert answer.outcome is outcome


async def test_an_evcc_that_does_not_come_is_waited_for_no_longer(files):
    async with EvccProbe(SeccTls(files.secc.certificate, files.secc.key)) as probe:
        assert await probe.answer(5) is None
