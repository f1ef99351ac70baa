"""Settings of models: what writes, edits, looks and draws (CONTRACT 2.1, 3.4, 11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjure.core.urls import UrlRefused, http_url
from conjure.settings.bounds import DAY_S, MANY, MOMENT_S, number
from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables

PROVIDERS = ("builtin", "openai")


@dataclass(frozen=True, slots=True)
class OpenaiSettings:
    """An endpoint that speaks OpenAI's API (hosted, vLLM, llama.cpp, Ollama), for all that have no other."""

    # Its base URL, with the version. The default is OpenAI's.
    url: str = "https://api.openai.com/v1"
    # Its API key. Endpoints of one's own often need none.
    api_key: str = field(default="", repr=False)
    # Time for one answer of a model.
    timeout_s: float = number(60.0, MOMENT_S, DAY_S)
    # Calls of one process at the same time, for each of author, editor, brain, vision and pictures; more
    # wait.
    concurrent: int = number(8, 1, MANY)
    # Failures in a row (no answer, or a status of 500 or more) after which it is not asked for a while.
    circuit_failures: int = number(5, 1, MANY)
    # How long; then one call asks for all.
    circuit_open_s: float = number(10.0, MOMENT_S, DAY_S)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        verify_url(variables, self.url)


@dataclass(frozen=True, slots=True)
class AuthorSettings:
    """Who writes worlds (CONTRACT 2.1)."""

    # builtin or openai. The built-in author needs no network, and writes the same world for the same request.
    provider: str = "builtin"
    # The model. Needed for openai.
    model: str = ""
    # Another endpoint than CONJURE_OPENAI_URL.
    url: str = ""
    # Its API key.
    api_key: str = field(default="", repr=False)
    # Calls of the model that one world may take.
    most_calls: int = number(40, 1, 1_000)
    # Tokens that one world may take, read and written.
    most_tokens: int = number(120_000, 1, 10 * MANY)
    # Time that one world may take.
    most_s: float = number(100.0, MOMENT_S, DAY_S)
    # How often the kernel's findings go back to the model before they are mended without it.
    repairs: int = number(2, 1, 20, or_zero=True)
    # Whether `frame_url` may name this machine and private networks. For development: with it, whoever may
    # create worlds sees which pictures this server can reach.
    frame_allow_private: bool = False

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        verify_provider(variables, self.provider, PROVIDERS, self.model)
        verify_url(variables, self.url)


@dataclass(frozen=True, slots=True)
class EditorSettings:
    """Who edits in words (CONTRACT 3.4)."""

    # builtin or openai. The built-in editor understands a documented grammar, and asks about all else.
    provider: str = "builtin"
    # The model. Needed for openai; it must be able to call tools, or to answer with JSON.
    model: str = ""
    # Another endpoint than CONJURE_OPENAI_URL.
    url: str = ""
    # Its API key.
    api_key: str = field(default="", repr=False)
    # Turns of the model that one edit may take.
    most_turns: int = number(8, 1, 100)
    # Tokens that one edit may take, read and written.
    most_tokens: int = number(60_000, 1, 10 * MANY)
    # Time that one edit may take.
    most_s: float = number(60.0, MOMENT_S, DAY_S)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        verify_provider(variables, self.provider, PROVIDERS, self.model)
        verify_url(variables, self.url)


@dataclass(frozen=True, slots=True)
class VisionSettings:
    """Who looks at frames (CONTRACT 11)."""

    # none or openai. Without one, perceive and ground are 503.
    provider: str = "none"
    # The model; it must read pictures. Needed for openai.
    model: str = ""
    # Another endpoint than CONJURE_OPENAI_URL.
    url: str = ""
    # Its API key.
    api_key: str = field(default="", repr=False)
    # Time that one look may take.
    most_s: float = number(30.0, MOMENT_S, DAY_S)
    # Looks of one process at the same time, with frames of up to 12 MiB in memory; more are refused. Callers
    # have their shares of them (CONJURE_SHARES_*). No quota counts looks: this is what bounds them.
    looks: int = number(16, 1, MANY)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        verify_provider(variables, self.provider, ("none", "openai"), self.model)
        verify_url(variables, self.url)


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """Who draws (CONTRACT 11)."""

    # builtin or openai.
    provider: str = "builtin"
    # The model that makes images. Needed for openai.
    model: str = ""
    # Another endpoint than CONJURE_OPENAI_URL.
    url: str = ""
    # Its API key.
    api_key: str = field(default="", repr=False)
    # Size of its images, as the endpoint names sizes.
    size: str = "1536x1024"
    # Time that one picture may take.
    most_s: float = number(90.0, MOMENT_S, DAY_S)
    # Time that the cover of a new world may take; then our own drawing is its cover. Beside the author's time
    # it must fit into the deadline of calls that wait for models.
    cover_s: float = number(15.0, MOMENT_S, DAY_S)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        verify_provider(variables, self.provider, PROVIDERS, self.model)
        verify_url(variables, self.url)


def verify_provider(
    variables: Variables, provider: str, known: tuple[str, ...], model: str
) -> None:
    """Raises SettingsError when a provider is not known, or lacks its model."""
    if provider not in known:
        raise SettingsError(f"{variables['provider']} must be {' or '.join(known)}")
    if provider == "openai" and not model:
        raise SettingsError(f"{variables['provider']}=openai needs {variables['model']}")


def verify_url(variables: Variables, url: str) -> None:
    """Raises SettingsError unless it is empty or the URL of an endpoint."""
    if not url:
        return
    try:
        http_url(url)
    except UrlRefused as error:
        raise SettingsError(f"{variables['url']} {error}") from error
