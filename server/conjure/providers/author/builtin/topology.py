"""The shapes that a world's graph can take.

A shape names its ordinary states by letter, in the order in which they are first met; `W` and `L`
are the endings. Keys lie somewhere, locks are steps that want them. Every shape holds: each state
can be reached, the win needs its locks, and from wherever a player stands the win stays in reach.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A way from one state to another, and the keys that it wants."""

    source: str
    target: str
    locks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph with its keys laid out."""

    name: str
    nodes: str
    steps: tuple[Step, ...]
    keys: tuple[str, ...]  # where key 0, 1, ... lies
    goal: str = ""  # where the goal is reached, if that is not the last step
    act: str = "a"
    guide: str = "b"

    def returns(self, step: Step) -> bool:
        """Whether the step leads back to a state met earlier."""
        return step.target in self.nodes and (
            self.nodes.index(step.target) < self.nodes.index(step.source)
        )


GOAL = -1  # the "key" of a shape in which the goal is reached first and then brought home


def _shape(
    name: str,
    nodes: str,
    steps: str,
    keys: str,
    *,
    goal: str = "",
    act: str = "a",
    guide: str = "b",
) -> Shape:
    """Read "ab bc! cW": a step is two letters, and a digit after it names a key it wants."""
    return Shape(
        name,
        nodes,
        tuple(
            Step(text[0], text[1], tuple(GOAL if mark == "g" else int(mark) for mark in text[2:]))
            for text in steps.split()
        ),
        tuple(keys),
        goal,
        act,
        guide,
    )


SHAPES = (
    # A fork: the safe side holds the key, the other tempts.
    _shape("fork", "abcdef", "ab bc bd cb db dL be0 ef fe fW", "c", act="d"),
    # A hub with three rooms; two of them hold what opens the fourth.
    _shape("hub", "abcdef", "ab bc bd be cb db eb eL bf01 fb fW", "cd", act="e"),
    # A ring walk with a locked spur.
    _shape("ring", "abcdefg", "ab bc cd da dL ae ea ef0 fe fg gf gW", "c", act="g", guide="e"),
    # Two lanes with a crossing; the key waits at the end of one.
    _shape("lanes", "abcdefg", "ab ac bd ce cL de ed db ec df0 fd fg gf fW", "e", act="g"),
    # A diamond: each side holds one key, and both are wanted further on.
    _shape("diamond", "abcde", "ab ac ba ca bd cd da de0 ed eW1 eL", "bc", act="d", guide="a"),
    # A descent with side rooms, each key opening the way to the next.
    _shape("descent", "abcdefgh", "ab bc cd cb dc be eb cf0 fc dg1 dL gd gh hg hW", "ef", act="h"),
    # There and back: reach the goal far out, then bring it home.
    _shape("homeward", "abcdef", "ab ba bc cb bd db dL ce0 ec ef fe aWg", "d", goal="f", act="c"),
    # A small loop around one locked heart.
    _shape("heart", "abcd", "ab ac bc cb ba cd0 dc dW cL", "b", act="c", guide="a"),
)
