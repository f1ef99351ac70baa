"""The names of the environment variables, and the error that names one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from conjure.settings.bounds import bounds_of

if TYPE_CHECKING:
    from dataclasses import Field
    from typing import ClassVar

PREFIX: Final = "CONJURE"


class SettingsError(ValueError):
    """A setting that cannot be used; the text names its variable."""


def variable(section: str, field: str) -> str:
    """Returns the variable that sets a field: `CONJURE_<SECTION>_<FIELD>`.

    Both names are those of the dataclasses: `section` a field of `Settings`, `field` one of that section.
    """
    return f"{PREFIX}_{section}_{field}".upper()


class Section(Protocol):
    """A group of settings: a dataclass whose fields are set by one variable each."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def verify(self, variables: Variables, /) -> None:
        """Raises SettingsError on a value, or a combination of values, that cannot work."""
        ...


class Variables:
    """The variables of one section, by field: `variables["port"]`.

    A section does not know under which name it stands in `Settings`, so whoever verifies it says so.
    """

    def __init__(self, name: str, section: Section) -> None:
        self._name = name
        self._section = section

    def __getitem__(self, field: str) -> str:
        """Raises KeyError for what is no field: a refusal must not name a variable that nobody reads."""
        if field not in self._section.__dataclass_fields__:
            raise KeyError(field)
        return variable(self._name, field)

    def require_bounds(self) -> None:
        """Raises SettingsError unless each number of the section is within its bounds."""
        for name, item in self._section.__dataclass_fields__.items():
            bounds = bounds_of(item)
            if bounds is not None and not bounds.allow(getattr(self._section, name)):
                raise SettingsError(bounds.refusal(self[name]))
