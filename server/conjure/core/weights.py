"""What a document will cost to work on, told from its text before anything is parsed.

Bytes alone do not tell: what takes time is the number of values, and a value may take two bytes. Strings and
names are told by their quotes, objects by their braces; commas would count those of prose, too.

CPU ms on one core of the machine of `make load`, for texts of a weight of 65,536 and of 1,048,576: parsing
(`jsondoc.loads`) and a first check of the whole (`kernel.examine`), and both together over what as much of an
ordinary world takes (25 ns a byte: 8 to parse it, 17 to check it).

    world made of                       65,536 weight           1,048,576 weight
                                   KB parse check   x        KB  parse  check   x
    ordinary states and events     61   0.4   1.2  1.0       998   8.2   16.9  0.9
    smallest states and events     25   0.7   1.7  1.4       419   9.5   24.2  1.3
    ambient of "no"                18   0.3   6.2  3.9       289   3.9   38.4  1.6
    the same, 20 to a state        19   0.5   7.1  4.6       311   8.1   39.2  1.8
    requires that nothing grants   23   0.3   4.6  2.9       429   3.5   22.2  1.0
    from that is nowhere           14   0.3   5.7  3.6       236   3.4   28.0  1.2
    events of {}                   17   1.1   0.8  1.1       279  13.4    0.8  0.5
    numbers where prose should be 190   2.5   1.0  2.1     3,070  50.7    1.0  1.9
    unreachable states             18   1.0   5.2  3.7       321  12.8   44.8  2.2
    uses of an unknown template    22   0.5  16.5 10.2       365   8.5   36.9  1.7
    templates of unknown ones      18   0.8  19.6 12.3       313  10.4  155.2  6.2

A text of nothing but numbers is twice its weight. A world made to break rules costs more than its weight
while it is small, as up to 1,000 findings of each severity are put into words (`kernel.findings`): 4 to 7 ms,
those about templates up to 17. Parse and check together, in ms:

    weight                      8,192  16,384  32,768  65,536
    ordinary                      0.5     0.8     1.1     1.6
    ambient of "no"               2.5     4.8     5.9     6.5
    uses of an unknown template   3.2     6.1    11.9    17.0
    templates of unknown ones     2.6     5.3    10.6    20.4

So a parse alone may be done on the event loop up to a weight of about 200,000, a parse and a check of a
stranger's document up to 16,384 (17 KB of ordinary prose), if that is to hold it for 5 ms. Weighing takes
1 µs a KB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NS_EACH = 25
"""CPU that a unit of weight takes to be parsed and checked, when nothing is wrong with the world."""


MOST_BYTES_OF_WEIGHT = 3
"""How many bytes of text a unit of weight is at most: in prose that is one long string."""


def marks(text: bytes, begin: int = 0, end: int | None = None) -> int:
    """What quotes and braces add to the weight of a text; of one in parts it is the sum of the parts'."""
    return 8 * text.count(b'"', begin, end) + 10 * text.count(b"{", begin, end)


def weight(text: bytes) -> int:
    """How much work a document is, in bytes of an ordinary world that would be as much.

    `text` is anything that may be JSON; none of it is trusted, nor parsed.
    """
    return len(text) // MOST_BYTES_OF_WEIGHT + marks(text)


_PICTURE_BYTES_OF_WEIGHT = 512


def is_heavier_than_a_picture(text: bytes, limit: int) -> bool:
    """Whether a text that may hold a picture weighs more than `limit`.

    A picture is one long string, which is read at once: 12 MiB of it take some milliseconds. So the length
    counts for little, and what the length stood for is counted: numbers by their commas, and lists by their
    brackets, as one inside the other has nothing else.
    """
    length = len(text) // _PICTURE_BYTES_OF_WEIGHT
    if length > limit:
        return True
    return length + marks(text) + 8 * (text.count(b",") + text.count(b"[")) > limit


_MOST_PER_BYTE = 11
"""More than any byte of a text adds to its weight."""


def is_heavier(text: bytes, limit: int, count: Callable[[bytes], int] = marks) -> bool:
    """Whether a text weighs more than `limit`. Most are told by their length alone.

    `count` is `marks` for who knows some of them already.
    """
    size = len(text)
    if size * _MOST_PER_BYTE <= limit:
        return False
    least = size // MOST_BYTES_OF_WEIGHT
    return least > limit or least + count(text) > limit
