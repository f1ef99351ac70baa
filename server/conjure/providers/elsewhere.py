"""Models, where nobody may wait for one: in heavy workers, which have one call at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from conjure.core.errors import InapplicableEdit, PayloadTooLarge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.providers.author import AuthorRequest, CharacterRequest
    from conjure.providers.author import Report as AuthorReport
    from conjure.providers.editor import EditRequest
    from conjure.providers.editor import Report as EditorReport
    from conjure.providers.pictures import Frame, PictureRequest

TOO_LARGE: Final = "the body has too many members beside what it asks for"
_TOO_LARGE_TO_EDIT: Final = (
    "the world, or what is sent with it, is too large to be edited in words; edit it with ops"
)


class Elsewhere:
    """An author, an editor, pictures and vision that refuse: such a call is here for its size alone."""

    async def create_world(
        self, request: AuthorRequest, report: AuthorReport | None = None
    ) -> NoReturn:
        """Raises PayloadTooLarge."""
        raise PayloadTooLarge(TOO_LARGE)

    async def create_character(
        self, request: CharacterRequest, report: AuthorReport | None = None
    ) -> NoReturn:
        """Raises PayloadTooLarge."""
        raise PayloadTooLarge(TOO_LARGE)

    async def edit(self, request: EditRequest, report: EditorReport | None = None) -> NoReturn:
        """Raises InapplicableEdit: mostly it is the world that is large."""
        raise InapplicableEdit(_TOO_LARGE_TO_EDIT)

    async def draw(self, request: PictureRequest) -> NoReturn:
        """Raises PayloadTooLarge."""
        raise PayloadTooLarge(TOO_LARGE)

    def require(self) -> NoReturn:
        """Raises PayloadTooLarge."""
        raise PayloadTooLarge(TOO_LARGE)

    async def perceive(
        self, frame: Frame, *, room_name: str | None, room_description: str | None
    ) -> NoReturn:
        """Raises PayloadTooLarge."""
        self.require()

    async def ground(self, frame: Frame, labels: Sequence[str]) -> NoReturn:
        """Raises PayloadTooLarge."""
        self.require()
