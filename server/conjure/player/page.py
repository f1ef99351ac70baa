"""The page that plays a world, and what it is allowed to do (Content Security Policy Level 3).

Who may frame it stands in the token: the origin that it is bound to. The token's signature is not looked at:
a token whose origin was changed plays nowhere. But the page's script must play with the token that was read
here, or somebody could show us one and the script another. So the page says which origin was read
(`conjure-frame`), and the script refuses a token of another one.
"""

from __future__ import annotations

import base64
import binascii
from html import escape
from string import Template
from typing import TYPE_CHECKING, Final

from conjure.core import jsondoc
from conjure.core.errors import AppError
from conjure.core.origins import ANY_ORIGIN, web_origin
from conjure.core.policies import hash_of
from conjure.core.urls import http_url
from conjure.sessions.tokens import MAX_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.player.files import PlayerFiles

PAGE_HEADERS: Final = {
    # A token is in its address, or in where it leads.
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
# An illustrated story needs none of them; a runtime's client may.
_NO_DEVICES: Final = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
)
_FRAME: Final = "\0"  # where the page says who may frame it


class PlayerPage:
    """Makes the page. What is the same for all tokens is made once."""

    def __init__(
        self,
        files: PlayerFiles,
        *,
        assets_origin: str,
        runtime_client_url: str = "",
        runtime_sources: Iterable[str] = (),
    ) -> None:
        """`runtime_sources`: what the runtime's client may call, as the policy writes it."""
        # Relative, as the deployment may stand under a path of its host.
        base = f"player/{files.release}"
        preloads = (
            f'<link rel="modulepreload" href="{base}/{escape(name)}">' for name in files.modules
        )
        text = Template(files.shell).substitute(
            base=base,
            preloads="\n".join(preloads),
            reload=files.reload_script,
            runtime=escape(runtime_client_url),
            frame=_FRAME,
        )
        self._before, self._after = text.split(_FRAME)
        self._permissions = "" if runtime_client_url else _NO_DEVICES
        client = (http_url(runtime_client_url).origin,) if runtime_client_url else ()
        seen = f"'self' data: blob: https: {assets_origin}"
        self._policy = "; ".join(
            (
                "default-src 'none'",
                " ".join(("script-src 'self'", hash_of(files.reload_script), *client)),
                "style-src 'self'",
                " ".join(("connect-src 'self'", *runtime_sources)),
                f"img-src {seen}",
                f"media-src {seen}",
                "base-uri 'none'",
                "form-action 'none'",
                # A runtime's client is not ours, and may write HTML.
                *(() if runtime_client_url else ("require-trusted-types-for 'script'",)),
                "frame-ancestors ",
            )
        )

    def page(self, frame: str) -> bytes:
        """Returns the page that pages of `frame` may frame: an origin, or `*`."""
        return f"{self._before}{escape(frame)}{self._after}".encode()

    def headers(self, frame: str) -> dict[str, str]:
        """Returns what a browser is told with it."""
        told = PAGE_HEADERS | {"content-security-policy": self._policy + frame}
        if self._permissions:
            told["permissions-policy"] = self._permissions
        return told


def frame_of(token: str) -> str:
    """Returns the origin whose pages may frame the player of a token; `*` when it is bound to none.

    Of what is no token, too: it plays nowhere.
    """
    parts = token.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3:
        return ANY_ORIGIN
    try:
        payload = base64.b64decode(
            parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True
        )
        claims = jsondoc.loads(payload)
    except (ValueError, binascii.Error, AppError):
        return ANY_ORIGIN
    audience = claims.get("aud") if isinstance(claims, dict) else None
    origin = web_origin(audience) if isinstance(audience, str) else None
    return origin or ANY_ORIGIN
