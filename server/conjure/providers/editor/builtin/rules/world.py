"""Rules about the world itself, and what cannot be done with words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.values import child
from conjure.providers.editor.builtin.names import called
from conjure.providers.editor.builtin.questions import Ask
from conjure.providers.editor.builtin.rule import Rule

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.clause import Clause
    from conjure.providers.editor.builtin.work import Work


def _subject(work: Work, clause: Clause) -> None:
    subject = clause.label("text")
    work.apply("set_subject", subject=subject)
    work.say(f"The world is about {called(subject)} now.")


def _style(work: Work, clause: Clause) -> None:
    work.apply("set_subject", styleTail=clause.text("text"))
    work.say("The style of the pictures is set.")


def _logline(work: Work, clause: Clause) -> None:
    work.apply("set_story", patch={"logline": clause.text("text")})
    work.say("The logline of the story is set.")


def _beat(work: Work, clause: Clause) -> None:
    beat = {"summary": clause.text("text")}
    states = [work.find_state(clause.name("a"))] if clause.has("a") else []
    work.apply("add_story_beat", beat=beat | ({"states": states} if states else {}))
    work.say("The story has one more beat.")


def _film(work: Work, clause: Clause) -> None:
    video = clause.label("text")
    if not video.startswith(("https://", "http://")):
        raise Ask("Which video shall it be? Say its address, which begins with https://.")
    before, after = ("intro", "before") if clause.has("intro") else ("outro", "after")
    if before == "intro":
        work.apply("set_intro", video=video)
    else:
        work.apply("set_outro", video=video)
    work.say(f"The video {after} play is set.")


def _unfilm(work: Work, clause: Clause) -> None:
    if clause.has("intro"):
        if "introVideo" not in work.world:
            raise Ask("There is no video before play. What shall go?")
        work.apply("set_intro", intro=None)
    else:
        if not child(work.world, "outro"):
            raise Ask("There is no video after play. What shall go?")
        work.apply("set_outro", outro=None)
    work.say(f"The video {'before' if clause.has('intro') else 'after'} play is removed.")


def _cutscene(work: Work, clause: Clause) -> None:
    source, to = work.find_state(clause.name("a")), work.find_state(clause.name("b"))
    video = clause.label("text")
    if not video.startswith(("https://", "http://")):
        raise Ask(
            "Which video shall the cutscene show? Say its address, which begins with https://."
        )
    members = {"video": video, "from": source, "to": to}
    if clause.has("new"):
        members["id"] = clause.new_name("new")[0]
    work.apply("add_cutscene", **members)
    name = work.draft.names[-1] or ""
    work.names.add("cutscene", name)
    work.say(f"Added the cutscene {called(name)}. It is shown when an event leads to it.")


def _not_here(_work: Work, _clause: Clause) -> None:
    raise Ask(
        "The name, the description and the cover of a world are not changed here, nor who may see it: "
        "that is done beside its places and events. Is there a place or an event to change?"
    )


def _no_undo(_work: Work, _clause: Clause) -> None:
    raise Ask(
        "An edit is not undone here: each edit keeps the world before it as a version, and that can be "
        "checked out. What shall be changed instead?"
    )


def _no_picture(_work: Work, _clause: Clause) -> None:
    raise Ask(
        "Pictures are not made or changed here. Shall the description of a place change instead? "
        "Which one, and to what?"
    )


_WORLD = "(world|game|story|adventure)"

RULES = (
    Rule(
        "Say whom the world is about",
        "Changes the subject: who is seen in the pictures.",
        (
            "<set> [<the>] (subject|hero|main character|protagonist|player character|character) [(of|in|for) [<the>] (world|game|story)] (to|as|:) [:] {text…}",
            "[<the>] (subject|hero|main character|protagonist) (is|should be|becomes) [:] {text…}",
            "[<the>] (world|game) (is|should be) about [:] {text…}",
        ),
        _subject,
    ),
    Rule(
        "Set the style of the pictures",
        "Changes the style that is added to every picture.",
        (
            "<set> [<the>] [world] (style|visual style|art style|style tail|look) [(of|in|for) [<the>] (world|game|pictures|picture|images|everything)] (to|as|:) [:] {text…}",
            "[<the>] (style|visual style|art style) [(of|in|for) [<the>] (world|game|pictures)] (is|should be|becomes) [:] {text…}",
            "(draw|paint|render|film) everything (as|in|with) [:] {text…}",
            "make everything look like {text…}",
        ),
        _style,
    ),
    Rule(
        "Set the logline",
        "Changes the sentence that tells the story; its beats stay.",
        (
            "<set> [<the>] (logline|log line|plot line|premise|story line|storyline) [(of|for|in) [<the>] (story|world|game)] (to|as|:) [:] {text…}",
            "[<the>] (logline|log line|storyline) (is|should be|becomes|:) [:] {text…}",
        ),
        _logline,
    ),
    Rule(
        "Add a beat to the story",
        "Adds a step at the end of the story.",
        (
            "<add> [<the>] [new|another] (beat|story beat|plot beat|story step) in {a}: {text…}",
            "<add> [<the>] [new|another] (beat|story beat|plot beat|story step) [to the story] {text:}",
        ),
        _beat,
    ),
    Rule(
        "Set the video before or after play",
        "Changes the intro or the outro to the video of an address.",
        (
            "<set> [<the>] (<intro!>|<outro!>) [video|film|clip] [of the (world|game)] (to|as|:) [:] {text…}",
            '(use|play|show) {text"} as [<the>] (<intro!>|<outro!>) [video|film|clip]',
        ),
        _film,
    ),
    Rule(
        "Remove the video before or after play",
        "The intro or the outro goes.",
        ("<delete> [<the>] (<intro!>|<outro!>) [video|film|clip]",),
        _unfilm,
    ),
    Rule(
        "Add a cutscene",
        "Adds a video between two places. It is shown when an event leads to it.",
        (
            "<add> [<the>] [new|another] (cutscene|cut scene|film) <called> {new} from {a} to {b} (with|using|showing|:) [the] [video] {text…}",
            "<add> [<the>] [new|another] (cutscene|cut scene|film) from {a} to {b} (with|using|showing|:) [the] [video] {text…}",
        ),
        _cutscene,
    ),
    Rule(
        "What is not changed here: the world's name, description, cover",
        "The editor says so.",
        (
            f"rename [<the>] [whole] {_WORLD} (to|into|as) {{text…}}",
            f"(<set>) [<the>] (name|title|description|cover|slug|visibility|genre) (of|for) [<the>] [whole] {_WORLD} [(to|as|:) {{text…}}]",
            f"<set> [<the>] {_WORLD} 's (name|title|description|cover|slug|visibility) [(to|as|:) {{text…}}]",
            f"<set> [<the>] {_WORLD} (name|title|description|cover|slug|visibility) [(to|as|:) {{text…}}]",
            f"call [<the>] {_WORLD} {{text…}}",
            f"[<the>] {_WORLD} (is|should be) <called> {{text…}}",
            f"(publish|unpublish|delete|remove|share|copy|fork|duplicate) [<the>] [whole|entire] {_WORLD}",
            f"make [<the>] {_WORLD} (public|private|unlisted)",
        ),
        _not_here,
    ),
    Rule(
        "What is not done here: undo",
        "The editor says where it is done.",
        (
            "(undo|revert|redo|roll back|rollback|take back) [that|it|this|all|everything|everything again|the last (change|edit|one)|my last (change|edit)|the (change|edit|changes|edits)]",
            "(go|change it|change everything|put it|put everything) back [to how it was|to before|to the way it was]",
        ),
        _no_undo,
    ),
    Rule(
        "What is not done here: pictures",
        "The editor says so.",
        (
            "(draw|paint|generate|render|make|create|add|change|replace|redraw|set) [<the>] [new|another] (picture|image|photo|cover|cover picture|entrance picture|entrance image|thumbnail|illustration) [(of|for|in|to|from|with|at) {text…}]",
        ),
        _no_picture,
    ),
)
