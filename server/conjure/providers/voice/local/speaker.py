"""A process that speaks: texts come in, pieces of MP3 go out. It is run as a file, without the rest of us.

espeak-ng is C that reads what anybody typed, and has a licence of its own (GPL-3): so it is alone here. It
keeps a state from one speech to the next (its noise, its phase, what a text may have changed), so each has a
fork of a process that has said nothing yet: the same text is the same bytes, and nobody's text is in the
speech of another. All end when the input does, so they outlive nobody.

Both ways go frames: a byte for the kind, four for the length of what follows. First it tells which voices it
has (VOICES). A SPEAK is answered with PIECEs and one END, or a FAILED. STOP, or the end of the input, ends a
speech early; one that comes too late means nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import struct
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FRAME: Final = struct.Struct("<cI")
SPEAK: Final = b"s"
STOP: Final = b"x"
VOICES: Final = b"v"
PIECE: Final = b"p"
END: Final = b"e"
FAILED: Final = b"f"

MOST_FRAME_BYTES: Final = 2**20
MOST_SPEECH_S: Final = 600
"""Where a speech ends, whatever its text is."""

_NICE: Final = 5  # the server's calls come first
_MOST_MEMORY: Final = 2**30  # of addresses; it needs 20 MB
_KILOBITS: Final = 64
_QUALITY: Final = 5  # of LAME: 2 takes twice the time, for one voice at 22 kHz
# Bytes of a piece: the first one goes as soon as it is there, the others as they are worth their while.
_PIECES: Final = (1, 2_048, 16_384)
_BUFFER_MS: Final = 60

# espeak-ng/speak_lib.h
_SYNCHRONOUS: Final = 2
_DONT_EXIT: Final = 0x8000
# Neither SSML (0x10) nor phonemes in [[ ]] (0x100): what is sent is what is read.
_UTF8: Final = 1
_RATE: Final = 1
_PITCH: Final = 3
_RANGE: Final = 4
_CALLBACK: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class _Voice(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


class Espeak:
    """The library."""

    def __init__(self) -> None:
        import espeakng_loader  # noqa: PLC0415 - this file is read where it is not installed, too

        self._data = espeakng_loader.get_data_path()
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self.samples_per_s: int = self._library.espeak_Initialize(
            _SYNCHRONOUS, _BUFFER_MS, self._data.encode(), _DONT_EXIT
        )
        if self.samples_per_s <= 0:
            raise RuntimeError("espeak-ng does not start")

    def voices(self) -> dict[str, Any]:
        """Its voices: by the code of a language the name of the best one, and the names of the variants."""
        best: dict[str, tuple[int, str]] = {}
        found = self._library.espeak_ListVoices(None)
        at = 0
        while found[at]:
            voice = found[at].contents
            name = voice.identifier.decode("utf-8", "replace")
            for priority, code in _languages(voice.languages):
                best[code] = min(best.get(code, (256, "")), (priority, name))
            at += 1
        variants = sorted(entry.name for entry in os.scandir(f"{self._data}/voices/!v"))
        return {"languages": {code: name for code, (_, name) in best.items()}, "variants": variants}

    def speak(
        self, text: str, voice: str, how: dict[str, int], hear: Callable[[bytes], bool]
    ) -> None:
        """Calls `hear` with samples, until it returns True."""
        library = self._library
        if library.espeak_SetVoiceByName(voice.encode()):
            raise RuntimeError("no such voice")
        for parameter, value in ((_RATE, "rate"), (_PITCH, "pitch"), (_RANGE, "range")):
            library.espeak_SetParameter(parameter, how[value], 0)
        failures: list[BaseException] = []

        def heard(samples: Any, count: int, _: Any) -> int:
            try:  # what is raised here, C does not see
                return int(
                    bool(samples) and count > 0 and hear(ctypes.string_at(samples, 2 * count))
                )
            except BaseException as failure:  # noqa: BLE001 - raised below
                failures.append(failure)
                return 1

        callback = _CALLBACK(heard)
        library.espeak_SetSynthCallback(callback)
        data = text.encode("utf-8", "replace")
        outcome = library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
        if failures:
            raise failures[0]
        if outcome:
            raise RuntimeError("espeak-ng does not speak")


def _languages(address: int) -> Iterator[tuple[int, str]]:
    """What a voice speaks: each a byte (the lower, the better), and a text that ends with a zero."""
    while priority := ctypes.string_at(address, 1)[0]:
        code = ctypes.string_at(address + 1)
        yield priority, code.decode("utf-8", "replace")
        address += 1 + len(code) + 1


class Speaker:
    """Serves what comes in by one descriptor, and answers by another."""

    def __init__(self, espeak: Espeak, *, source: int, sink: int) -> None:
        self._espeak = espeak
        self._source = source
        self._sink = sink

    def serve(self) -> None:
        """Returns when the input ends."""
        self._send(VOICES, json.dumps(self._espeak.voices()).encode())
        while (frame := self._frame()) is not None:
            kind, data = frame
            if kind == SPEAK and not self._forked(data):
                return  # whatever it was, it may have left half a frame

    def _forked(self, data: bytes) -> bool:
        """Speaks in a fork. Whether that ended well."""
        parent = os.getpid()
        fork = os.fork()
        if fork:
            return os.waitpid(fork, 0)[1] == 0
        code = 1
        try:
            _end_with(parent)
            self._answer(json.loads(data))
            code = 0
        finally:
            os._exit(code)

    def _answer(self, job: dict[str, Any]) -> None:
        try:
            self._speak(job)
        except OSError:  # nobody listens any more
            raise
        except Exception as failure:  # noqa: BLE001 - the next text may be another
            self._send(FAILED, type(failure).__name__.encode())
        else:
            self._send(END, b"")

    def _speak(self, job: dict[str, Any]) -> None:
        import lameenc  # noqa: PLC0415 - as above

        encoder = lameenc.Encoder()
        encoder.silence()
        encoder.set_channels(1)
        encoder.set_in_sample_rate(self._espeak.samples_per_s)
        encoder.set_bit_rate(_KILOBITS)
        encoder.set_quality(_QUALITY)
        left = MOST_SPEECH_S * self._espeak.samples_per_s
        sizes = list(_PIECES)
        ready = bytearray()

        def hear(samples: bytes) -> bool:
            nonlocal left
            left -= len(samples) // 2
            ready.extend(encoder.encode(samples))
            if len(ready) >= sizes[0]:
                self._send(PIECE, bytes(ready))
                ready.clear()
                del sizes[: len(sizes) > 1]
            return left <= 0 or self._is_called()

        self._espeak.speak(job["text"], job["voice"], job, hear)
        ready.extend(encoder.flush())
        self._send(PIECE, bytes(ready))

    def _is_called(self) -> bool:
        """Whether there is something to read: a STOP, or the end."""
        return bool(select.select([self._source], [], [], 0)[0])

    def _send(self, kind: bytes, data: bytes) -> None:
        left = memoryview(FRAME.pack(kind, len(data)) + data)
        while left:
            left = left[os.write(self._sink, left) :]

    def _frame(self) -> tuple[bytes, bytes] | None:
        head = self._read(FRAME.size)
        if head is None:
            return None
        kind, size = FRAME.unpack(head)
        data = self._read(size) if size <= MOST_FRAME_BYTES else None
        return None if data is None else (kind, data)

    def _read(self, size: int) -> bytes | None:
        data = bytearray()
        while len(data) < size:
            # No buffer of Python's: what it had read, select would not see.
            some = os.read(self._source, size - len(data))
            if not some:
                return None
            data += some
        return bytes(data)


def _end_with(parent: int) -> None:
    """Asks Linux to end this process with its parent: it may be killed while the library is busy."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def main() -> None:
    """Speaks until standard input ends."""
    import resource  # noqa: PLC0415 - not on Windows, where this file is read, too

    # Whatever else whoever started this has left open, such as the lock of a store.
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what was typed would be in it
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    # What the libraries print goes nowhere.
    sink = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    with contextlib.suppress(OSError):  # whoever asked is gone
        Speaker(Espeak(), source=0, sink=sink).serve()


if __name__ == "__main__":
    main()
