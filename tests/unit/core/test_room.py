"""Room for large requests: so many bytes, and as much memory as reading them takes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conjure.core.room import LARGE_BYTES, Room

MIB = 1 << 20


def test_there_is_room_for_so_many_bytes_until_they_are_given_back():
    room = Room(4 * MIB)
    assert room.take(3 * MIB)
    assert room.take(MIB)
    assert not room.take(LARGE_BYTES)
    room.give_back(3 * MIB)
    assert room.take(2 * MIB)
    assert room.bytes == 3 * MIB


def test_one_alone_has_room_whatever_its_size():
    """Else a setting below the largest request would refuse that for ever."""
    room = Room(1)
    assert room.take(12 * MIB)
    assert not room.take(LARGE_BYTES)
    room.give_back(12 * MIB)
    assert room.take(12 * MIB)


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of memory is kept by Linux alone")
def test_there_is_none_where_a_limit_leaves_no_memory_to_read_it():
    program = """
import resource
from conjure.core.room import Room
status = open("/proc/self/status").read()
used = int(status.partition("VmData:")[2].split()[0]) * 1024
_, most = resource.getrlimit(resource.RLIMIT_DATA)
resource.setrlimit(resource.RLIMIT_DATA, (used + (100 << 20), most))
room = Room(1 << 40)
print(room.take(12 << 20), room.bytes, room.take(1 << 20), room.bytes)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"False 0 True {MIB}\n"
