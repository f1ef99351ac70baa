"""Which pages of other origins may read answers (CORS, CONTRACT 0): what answers and preflights say.

Envoy's own CORS filter works only where a route leads to a cluster, so a page could not read a 404, a 405 or
any other refusal of the edge. Here all of it is headers, which stand once in the configuration: on answers of
all routes, and on what is refused before there is a route.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.core.origins import ANY_ORIGIN, origin_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.core.origins import OriginPattern
    from conjure.edge.descriptor import RestMethod

ALLOWED_HEADERS: Final = (
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "idempotency-key",
    "last-event-id",
    "x-request-id",
    "traceparent",
    "tracestate",
    "baggage",
)
EXPOSED_HEADERS: Final = ("etag", "retry-after", "idempotent-replayed", "x-request-id")
MAX_AGE_S: Final = 86_400

_ORIGIN: Final = "access-control-allow-origin"
_EXPOSED: Final = "access-control-expose-headers"
# Also of answers to origins that are in no list: a cache must not show them to one that is.
_VARY: Final = {
    "header": {"key": "vary", "value": "Origin"},
    "append_action": "APPEND_IF_EXISTS_OR_ADD",
}
_MOST_CHARACTERS: Final = 16_384
"""Of a header's value in Envoy's configuration; a longer one fails there without a word of origins."""
_MUTATION: Final = "envoy.filters.http.header_mutation"
_MUTATION_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3"


@dataclass(frozen=True, slots=True)
class Cors:
    """The origins of an edge, as lists with commas."""

    origins: str = ANY_ORIGIN  # may read all answers but the next ones; empty: none
    console_origins: str = ""  # may read answers of routes for user sessions; empty: none

    def verify(self) -> None:
        """Raises ValueError for what is no list of origins, and for more than fit."""
        lists = [self.console_origins]
        if self.origins != ANY_ORIGIN:
            lists.append(self.origins)
        if any(len(_named(origins)) > _MOST_CHARACTERS for origins in lists):
            raise ValueError("the list of origins is too long: some 100 patterns fit")

    def answer_headers(self) -> list[dict[str, Any]]:
        """Returns the headers that every answer has, whatever its status."""
        if self.origins == ANY_ORIGIN:
            # Not the origin of who asks: the answer is the same for all, so it has no `vary` and caches share
            # it. Browsers take `*` from whatever asks without cookies, and nothing here has any.
            return _set({_ORIGIN: ANY_ORIGIN, _EXPOSED: ", ".join(EXPOSED_HEADERS)})
        return [*_of_listed(self.origins), _VARY]

    def console_filter(self) -> dict[str, Any]:
        """Returns what the routes of a path for user sessions do to those headers."""
        mutations: list[dict[str, Any]] = [{"remove": _ORIGIN}, {"remove": _EXPOSED}]
        if self.console_origins:
            told = _of_listed(self.console_origins)
            # Where other answers depend on the origin, these say so already.
            told += [_VARY] if self.origins == ANY_ORIGIN else []
            mutations += [{"append": header} for header in told]
        return {
            _MUTATION: {
                "@type": f"{_MUTATION_TYPE}.HeaderMutationPerRoute",
                "mutations": {"response_mutations": mutations},
            }
        }

    def has_preflights(self, *, for_users: bool) -> bool:
        """Whether preflights of a path are answered as such."""
        return bool(self.console_origins if for_users else self.origins)


def preflight_headers() -> list[dict[str, Any]]:
    """Returns what all answers to preflights say; each route says besides which verbs its path has."""
    return _set(
        {
            "access-control-allow-headers": ", ".join(ALLOWED_HEADERS),
            "access-control-max-age": str(MAX_AGE_S),
        }
    )


def is_preflight() -> list[dict[str, Any]]:
    """Returns the matchers of headers that tell a preflight from any other OPTIONS (WHATWG Fetch, 4.8)."""
    names = ("origin", "access-control-request-method")
    return [
        {"name": ":method", "string_match": {"exact": "OPTIONS"}},
        *({"name": name, "present_match": True} for name in names),
    ]


def is_for_users(methods: Iterable[RestMethod]) -> bool:
    """Whether the methods of one path are for user sessions.

    Raises ValueError when some are and others are not: what the path answers to a verb that it does not have
    could follow neither.
    """
    found = {method.is_for_users: method for method in methods}
    if len(found) > 1:
        raise ValueError(f"{found[True].path}: user sessions have paths of their own")
    return next(iter(found))


def _of_listed(origins: str) -> list[dict[str, Any]]:
    """Returns the headers for origins of a list: whoever asks is named if it is one of them."""
    return _set({_ORIGIN: _named(origins), _EXPOSED: ", ".join(EXPOSED_HEADERS)})


def _named(origins: str) -> str:
    """Returns the value of the header that names who asks. Raises ValueError for what is no list."""
    return f"%CEL({_condition(origin_patterns(origins))} ? request.headers['origin'] : '')%"


def _condition(patterns: tuple[OriginPattern, ...]) -> str:
    """Returns a CEL expression. Texts are compared as they are: browsers write an origin in one way."""
    origin = "request.headers['origin']"
    exact = [
        f"'{pattern.scheme}{pattern.rest}'"
        for pattern in patterns
        if not (pattern.is_of_ports or pattern.is_of_subdomains)
    ]
    terms = [f"{origin} in [{', '.join(exact)}]"] if exact else []
    for pattern in patterns:
        whole = f"{pattern.scheme}{pattern.rest}"
        if pattern.is_of_subdomains:
            ends = f"{origin}.endsWith('.{pattern.rest}')"
            if pattern.is_of_ports:  # the one colon behind the scheme's stands before the port
                ends = f"({ends} || {origin}.contains('.{pattern.rest}:'))"
            terms.append(f"({origin}.startsWith('{pattern.scheme}') && {ends})")
        elif pattern.is_of_ports:
            terms.append(f"({origin} == '{whole}' || {origin}.startsWith('{whole}:'))")
    return f"'origin' in request.headers && ({' || '.join(terms) or 'false'})"


def _set(headers: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        for key, value in headers.items()
    ]
