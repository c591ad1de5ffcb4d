from v2x_harness.events import CaseEvent, FindingEvent, Frame, Header, LinkEvent, RuleEvent, VerdictEvent
from v2x_harness.finding import Axis, Finding, Layer, Location
from v2x_harness.journal import Recorder
from v2x_harness.rule import RuleInfo
from v2x_harness.verdict import Verdict
from v2x_harness.watching import Watch

RULE = RuleInfo(id="x.rule", protocol="x", layer=Layer.SCHEMA, requirements={"1": ("R1",), "2": ("R2",)}, parties=("a",), text="")


class Strict:
    """A judge that dislikes every frame, and says something at the end."""

    rules = (RULE,)
    versions = ()

    def __init__(self, axis=Axis.CONFORMANCE):
        self.axis, self.seen = axis, 0

    def feed(self, event):
        if isinstance(event, LinkEvent) and event.protocol:
            self.versions = (event.protocol.rpartition("/")[2],)
        if isinstance(event, Frame):
            self.seen += 1
            yield Finding(
                requirement="R1",
                text=event.raw,
                location=Location(event.n),
                party=event.sender,
                source="rule:x.rule",
                axis=self.axis,
            )

    def finish(self):
        yield Finding(requirement="R9", text="the end", party="b", axis=self.axis)

    def inspected(self):
        return {"x.rule": self.seen}


def watched(*events, judge=None):
    kept, told = [], []
    with Recorder(None, Header(run="r", started=""), lambda: 1.0) as recorder:
        recorder.subscribe(kept.append)
        watch = Watch(recorder, [judge or Strict()], told.append)
        for event in events:
            recorder.record(event)
        return watch, watch.end(), kept, told


FRAMES = [Frame(link="l", sender="a", to="b", raw=raw) for raw in ("1", "2")]


def test_findings_are_recorded_after_what_they_rest_on():
    _, _, kept, _ = watched(*FRAMES)
    assert [type(event) for event in kept] == [
        CaseEvent,
        Frame,
        FindingEvent,
        Frame,
        FindingEvent,
        FindingEvent,
        RuleEvent,
        VerdictEvent,
    ]
    assert kept[2].finding.location.frame == kept[1].n


def test_the_same_thing_is_told_once_and_counted():
    watch, result, _, told = watched(*FRAMES)
    assert [(finding.requirement, finding.party) for finding in told] == [("R1", "a"), ("R9", "b")]
    assert [(each.first.requirement, each.times) for each in result.findings] == [("R1", 2), ("R9", 1)]
    assert watch.findings == 3


def test_links_and_frames_are_counted():
    links = [LinkEvent(link="l", event=event, protocol="x/2") for event in ("open", "refused", "close", "open")]
    watch, result, _, _ = watched(*links, *FRAMES)
    assert (result.links, result.refused, result.frames, watch.links, watch.frames) == (2, 1, {"a": 2}, 1, 2)


def test_rules_cite_what_they_cite_in_the_version_that_was_spoken():
    _, result, kept, _ = watched(LinkEvent(link="l", event="open", protocol="x/2"), *FRAMES)
    rule, verdict = kept[-2:]
    assert rule == RuleEvent(rule="x.rule", inspected=2, requirements=("R2",), n=rule.n, t=rule.t)
    assert (verdict.case, verdict.verdict) == ("SESSION", Verdict.FAIL)
    assert result.inspected == {"x.rule": 2}


def test_only_what_violates_the_specification_makes_a_bad_end():
    assert watched(*FRAMES)[1].exit_code() == 1
    assert watched(*FRAMES, judge=Strict(Axis.COMPATIBILITY))[1].exit_code() == 0
