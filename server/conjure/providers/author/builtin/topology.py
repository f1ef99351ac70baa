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


# Of 3 to 6 states and two endings, in at most 12 events: steps that share a target, its locks and a direction
# are one event; each key, the act, the guide and a goal on the way are one more (`providers/author/bar.py`).
SHAPES = (
    # A fork: the safe side holds the key, the other tempts.
    _shape("fork", "abcdef", "ab bc bd cb db dL be0 ef fe fW", "c", act="d"),
    # A hub with three rooms; two of them hold what opens the fourth.
    _shape("hub", "abcdef", "ab bc bd be cb db eb eL bf01 fb fW", "cd", act="e"),
    # A ring walk with a locked spur.
    _shape("ring", "abcdef", "ab bc cd da dL ae0 ea ef fe fW", "c", act="f", guide="d"),
    # Two lanes with a crossing; the key waits at the end of one.
    _shape("lanes", "abcdef", "ab ac bd ce cL de ed df0 fd fW", "e", act="f"),
    # A diamond: each side holds one key, and both are wanted further on.
    _shape("diamond", "abcde", "ab ac ba ca bd cd da de0 ed eW1 eL", "bc", act="d", guide="a"),
    # A descent with side rooms, each key opening the way to the next.
    _shape("descent", "abcde", "ab bc cb bd0 db de ed eL dW1", "ce", act="d"),
    # There and back: reach the goal far out, then bring it home.
    _shape(
        "homeward", "abcde", "ab ba bL ac ca cd dc ce0 ec aWg", "d", goal="e", act="b", guide="c"
    ),
    # A tower: the choice waits behind the locked door, one floor below the top.
    _shape("tower", "abcde", "ab bc cb bd0 db de ed dL eW", "c", act="e"),
    # A small loop around one locked heart.
    _shape("heart", "abcd", "ab ac bc cb ba cd0 dc dW cL", "b", act="c", guide="a"),
    # A short walk: one room on the way holds what opens the other.
    _shape("threshold", "abc", "ab ba bL ac0 ca cW", "b", act="c", guide="a"),
)
