"""Who may open the demo: somebody at this machine, who has followed a link or typed it.

The demo asks for no credential, so that one click plays it. Any page that a browser shows can send that
browser there as well. What such a page could win is a token of the demo: it could play on the developer's
quota, and hear what the character remembers of the developer. It wins nothing when

- only this machine is served, under a name of this machine: a page whose own name leads here (DNS rebinding)
  says that name;
- a browser only shows the demo as a page of its own, in no frame, and gives no script its answer (Fetch
  Metadata): whoever sends it there then sees nothing of it.

Other clients, such as curl, say nothing of this. They are programs of this machine, and could read the demo's
file.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOCALHOST: Final = "localhost"
_SHOWN_AS_A_PAGE: Final = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def is_of_this_machine(name: str) -> bool:
    """Whether a host's name or an address is the machine's own: loopback, whatever it is called."""
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        host = name.lower()
        return host == _LOCALHOST or host.endswith(f".{_LOCALHOST}")


def opens_a_page(headers: Mapping[str, str]) -> bool:
    """Whether a browser shows the answer as a page of its own. Who says nothing of it is no browser."""
    return all(headers.get(name, wanted) == wanted for name, wanted in _SHOWN_AS_A_PAGE.items())
