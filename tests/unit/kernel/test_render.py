"""What a person and a client get to see of a finding."""

from conjure.kernel import Diagnostic, Loc, Severity, check, render_findings
from support.kernel.worlds import override, with_events


def test_a_finding_is_one_line_and_the_last_line_sums_up():
    world = with_events(
        override("Wave", "atrium", detail="no", anchor={"label": "hand"}),
        entrance={"state": "hall"},
    )

    assert render_findings(check(world), file="world.json") == (
        "world.json: error: entrance.state is 'hall', but the world has no such state. Point it "
        "at one of: atrium, cellar, or add state 'hall' first. [dangling-ref]\n"
        "world.json: warning: event[Wave].anchor has a label but no minProximity, so a sliver of it "
        "at the edge of the picture is enough. Add minProximity. [sliver-evidence]\n"
        "world.json: warning: event[Wave].detail says 'no'. Video models draw what is named: say "
        "what is there instead. [negation]\n"
        "world.json: 1 error, 2 warnings\n"
    )


def test_a_sound_world_has_one_line():
    assert render_findings([], file="w.json") == "w.json: no findings\n"


def test_a_message_that_does_not_name_its_path_gets_it():
    finding = Diagnostic("x", Severity.ERROR, "a.b", "something else")

    assert "w.json: error: a.b: something else [x]" in render_findings([finding] * 2, file="w.json")
    assert "w.json: 2 errors" in render_findings([finding] * 2, file="w.json")


def test_json_leaves_out_what_is_not_set():
    finding = Diagnostic("slot-fill", Severity.ERROR, "a", "a is b.")
    factored = Diagnostic("slot-fill", Severity.ERROR, "a", "a is b.", Loc(slot="mood"))

    members = {"lint": "slot-fill", "severity": "error", "path": "a", "message": "a is b."}
    assert members == finding.to_json()
    assert {**members, "loc": {"slot": "mood"}} == factored.to_json()


def test_the_last_line_counts_what_is_not_listed_too():
    world = with_events(override("Wave", "atrium", detail="no"))
    counts = {Severity.WARNING: 12_345, Severity.INFO: 1}

    assert render_findings(check(world), file="w.json", counts=counts).endswith(
        "w.json: 12,345 warnings, 1 info\n"
    )
