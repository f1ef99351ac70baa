"""What `conjure world play` does: it plays a world in a terminal, or by a script through a pipe."""

from __future__ import annotations

import io
import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

from conjure.cli.prose import printable, wrapped
from conjure.kernel.play import Game
from conjure.kernel.values import child, children, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.kernel.play import Move, Situation
    from conjure.kernel.values import JsonObject

_WIDEST: Final = 96
"""Columns of prose: longer lines read badly."""
_LONGEST_ANSWER: Final = 1_000
_INTERRUPTED: Final = 130
_HELP: Final = (
    "A number or the name of an event plays it. look: what is here. back: one step back. "
    "map: where you have been. flags: what you hold. quit: stop."
)


def play(world: dict[str, Any]) -> None:
    """Plays until an ending, `quit`, the end of the input or Ctrl-C. The world has passed the gate."""
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        _Play(Game(world)).run()
    except KeyboardInterrupt:
        print()
        sys.exit(_INTERRUPTED)


class _Play:
    """One play: where it stands, and the steps that led there."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._now = game.start
        self._before: list[Situation] = []
        self._visited = {game.start.state: None}

    def run(self) -> None:
        """Plays until an ending, `quit`, or the end of the input."""
        world = self._game.world
        self._say(text(world, "name") or "")
        self._say(text(child(world, "story"), "logline") or text(world, "description") or "")
        self._look()
        while (ending := self._game.ending(self._now)) is None:
            moves = self._game.moves(self._now)
            self._list(moves)
            answer = _read_answer()
            if answer is None or answer.casefold() in {"quit", "exit", "q"}:
                return
            self._obey(answer, moves)
        self._end(ending)

    def _obey(self, answer: str, moves: Sequence[Move]) -> None:
        match answer.casefold():
            case "":
                pass
            case "back" | "b":
                self._back()
            case "map" | "m":
                self._map()
            case "flags" | "f":
                held = ", ".join(sorted(map(printable, self._now.flags)))
                self._say(f"You hold: {held}." if held else "You hold nothing yet.")
            case "look" | "l":
                self._look()
            case "help" | "h" | "?":
                self._say(_HELP)
            case _:
                move = _chosen(answer, moves)
                if move is None:
                    self._say(f"There is no {printable(answer)!r} here. {_HELP}")
                else:
                    self._take(move)

    def _take(self, move: Move) -> None:
        if not move.is_possible:
            needed = ", ".join(map(printable, move.missing))
            self._say(move.hint or f"That is locked: it needs {needed}.")
            return
        self._before.append(self._now)
        left, self._now = self._now, self._game.step(self._now, move.name)
        self._visited[self._now.state] = None
        self._say(_words_of(move.event))
        gained = ", ".join(sorted(map(printable, self._now.flags - left.flags)))
        if gained:
            self._say(f"[now you hold {gained}]")
        if move.cutscene is not None:
            self._say(_cutscene_line(move.cutscene, self._game.cutscene(move.cutscene)))
        if self._now.state != left.state or move.cutscene is not None:
            self._look()

    def _back(self) -> None:
        if self._before:
            self._now = self._before.pop()
            self._look()
        else:
            self._say("This is where it began.")

    def _look(self) -> None:
        state = self._game.state(self._now)
        self._say(f"== {printable(self._now.state)} ==")
        self._say(_words_of(state))

    def _map(self) -> None:
        columns = _columns()
        for name in self._visited:
            mark = "here: " if name == self._now.state else ""
            print(wrapped(f"{mark}{printable(name)}", columns, indent=2))
            for move in self._game.moves(self._now._replace(state=name)):
                if move.to != name:
                    known = printable(move.to) if move.to in self._visited else "?"
                    lock = "" if move.is_possible else " (locked)"
                    way = f"- {printable(move.name)} -> {known}{lock}"
                    print(wrapped(way, columns, indent=2))
        print()

    def _list(self, moves: Sequence[Move]) -> None:
        if not moves:
            self._say("Nothing is possible here any more: this is a dead end. back, or quit.")
            return
        for number, move in enumerate(moves, start=1):
            locked = ""
            if not move.is_possible:
                hint = printable(move.hint or "")
                locked = f" [locked{': ' if hint else ''}{hint}]"
            print(wrapped(f"{number}. {printable(move.name)}{locked}", _columns(), indent=3))
        print()

    def _end(self, ending: JsonObject) -> None:
        kind = {"win": "You have won.", "lose": "You have lost."}.get(text(ending, "kind") or "")
        title = text(ending, "title") or "The end"
        self._say(f"*** {printable(title)} ***")
        self._say(text(ending, "subtitle") or "")
        self._say(kind or "")

    @staticmethod
    def _say(prose: str) -> None:
        """Prints paragraphs, and a blank line; nothing for no words."""
        said = wrapped(prose, _columns())
        if said:
            print(said, end="\n\n")


def _read_answer() -> str | None:
    """What was typed; None at the end of the input."""
    is_typed = sys.stdin.isatty()
    if is_typed:
        print("> ", end="")
    sys.stdout.flush()
    line = sys.stdin.readline(_LONGEST_ANSWER)
    if not line:
        print()
        return None
    answer = line.strip()
    if not is_typed:
        print(f"> {printable(answer)}")  # so that what is recorded can be read
    print()
    return answer


def _chosen(answer: str, moves: Sequence[Move]) -> Move | None:
    if answer.isdecimal() and len(answer) < 6 and 1 <= int(answer) <= len(moves):
        return moves[int(answer) - 1]
    wanted = printable(answer).casefold()
    return next((move for move in moves if printable(move.name).casefold() == wanted), None)


def _words_of(part: JsonObject) -> str:
    """What a player reads of a state or an event: its narration, else what is seen of it."""
    found = text(part, "narration") or text(part, "base")
    if found is None:
        found = "\n".join(
            filter(None, (text(phase, "base") for _, phase in children(part, "phases")))
        )
    return found


def _cutscene_line(name: str, cutscene: JsonObject) -> str:
    label, subtitle = text(cutscene, "label") or name, text(cutscene, "subtitle")
    return f"[cutscene: {label}{': ' if subtitle else ''}{subtitle or ''}]"


def _columns() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)
