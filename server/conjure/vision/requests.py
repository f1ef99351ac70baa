"""What a caller asks to be looked at or drawn (CONTRACT 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from conjure.core.errors import InvalidField

MOST_LABELS: Final = 64
_MOST_LABEL: Final = 200  # characters
_MOST_NAME: Final = 200
_MOST_DESCRIPTION: Final = 4_000
_MOST_PROMPT: Final = 4_000
_MOST_POV: Final = 64
_MOST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Label:
    """Something to look for; `choice_id` is the caller's own and comes back."""

    text: str
    choice_id: str | None = None


@dataclass(frozen=True, slots=True)
class SeedFrameRequest:
    """What to draw."""

    prompt: str
    pov: str | None = None
    mood: str | None = None
    style: str | None = None


def check_room(name: str | None, description: str | None) -> None:
    """Raises InvalidField naming each field that is too long."""
    errors = []
    if name is not None and len(name) > _MOST_NAME:
        errors.append(f"room_name must have at most {_MOST_NAME} characters")
    if description is not None and len(description) > _MOST_DESCRIPTION:
        errors.append(f"room_description must have at most {_MOST_DESCRIPTION} characters")
    if errors:
        raise InvalidField(*errors)


def check_labels(labels: tuple[Label, ...]) -> None:
    """Raises InvalidField naming each label that is none."""
    if not 1 <= len(labels) <= MOST_LABELS:
        raise InvalidField(f"labels must have 1 to {MOST_LABELS} items")
    errors = []
    for at, label in enumerate(labels):
        if not label.text.strip() or len(label.text) > _MOST_LABEL:
            errors.append(
                f"labels[{at}].label must have 1 to {_MOST_LABEL} characters, not only white space"
            )
        if label.choice_id is not None and not 1 <= len(label.choice_id) <= _MOST_LABEL:
            errors.append(f"labels[{at}].choice_id must have 1 to {_MOST_LABEL} characters")
    if errors:
        raise InvalidField(*errors)


def check_seed_frame(request: SeedFrameRequest) -> None:
    """Raises InvalidField naming each field that is missing, empty or too long."""
    errors = []
    if not request.prompt.strip():
        errors.append("prompt is required")
    elif len(request.prompt) > _MOST_PROMPT:
        errors.append(f"prompt must have at most {_MOST_PROMPT} characters")
    for name, text, most in (
        ("pov", request.pov, _MOST_POV),
        ("mood", request.mood, _MOST_WORDS),
        ("style", request.style, _MOST_WORDS),
    ):
        if text is not None and not 1 <= len(text) <= most:
            errors.append(f"{name} must have 1 to {most} characters")
    if errors:
        raise InvalidField(*errors)


def folded(text: str) -> str:
    """By which labels are the same, and looked for once: case and spaces do not count."""
    return " ".join(text.casefold().split())
