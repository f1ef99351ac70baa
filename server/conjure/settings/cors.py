"""Settings of the edge about pages of other origins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.core.origins import ANY_ORIGIN, origin_patterns
from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class CorsSettings:
    """Which web pages may call, from a browser. Only `edge` reads these; credentials keep others out."""

    # Origins, with commas between, of pages that may use everything but user sessions:
    # `https://studio.example`, `https://*.example.com` (its subdomains, not itself), `http://localhost:*`
    # (any port). `*`: any page, as no cookie is ever read. Empty: none.
    origins: str = ANY_ORIGIN
    # The same of the console's own pages, which may use routes of user sessions (apps, keys, webhooks).
    # Empty: none. `*` is refused.
    console_origins: str = ""

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        lists = {"console_origins": self.console_origins}
        if self.origins != ANY_ORIGIN:
            lists["origins"] = self.origins
        for name, text in lists.items():
            try:
                origin_patterns(text)
            except ValueError as error:
                raise SettingsError(f"{variables[name]}: {error}") from error
