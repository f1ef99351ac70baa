"""`If-None-Match`: whether a reader has the answer already, and in which coding (RFC 9110, 13.1.2).

A 304 has the entity tag that the same request would have got with a 200. For most that is known without the
body: who does not take gzip gets the plain tag, and who does and names the tag of gzip has that. Somebody who
takes gzip and names the plain tag, perhaps from the `rev` of a body, gets whichever it is: then the body is
made, and measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.preconditions import is_unmodified, names_coded

if TYPE_CHECKING:
    from conjure.rpc.call import Call


def needs_body(call: Call, etag: str) -> bool:
    """Whether a read has to make the body of the answer that has this entity tag.

    Notes for `rpc.render` whether the caller has it already.
    """
    named = call.headers.get("if-none-match")
    if named is None or not is_unmodified(named, etag):
        return True
    call.not_modified = True
    if not call.takes_gzip:
        return False
    call.has_gzip = names_coded(named, etag)
    return not call.has_gzip
