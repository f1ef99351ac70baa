"""The voice of this machine: what it says can be played, and whatever hurts its processes, it speaks on (CONTRACT 5)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import miniaudio
import pytest

from conjure.providers.voice import SpeechRequest, VoiceError, VoiceUnavailable, voice_of
from conjure.providers.voice.local import speaker
from conjure.providers.voice.local.available import is_installed
from conjure.providers.voice.local.pool import Speakers
from conjure.providers.voice.local.voice import LocalVoice
from conjure.settings.models import OpenaiSettings
from conjure.settings.voice import VoiceSettings
from support.until import until

if not is_installed():
    pytest.skip("NOT TESTED: no voice here (pip install 'conjure[voice]')", allow_module_level=True)

LONG_S = 3_600.0
HELLO = SpeechRequest("Hello there, my friend. How are you today?")
LETTERS_PER_S = 15
MANY = SpeechRequest(
    ("It was a dark night, and the keeper of the lighthouse had no light left. " * 30)[:2_000]
)
LONG = SpeechRequest(MANY.text[:700])


@contextlib.asynccontextmanager
async def local(**other):
    async with Speakers(**other) as speakers:
        yield LocalVoice(speakers, first_s=LONG_S, most_s=LONG_S)


@pytest.fixture(scope="module")
async def voice():
    settings = VoiceSettings(provider="local", first_s=LONG_S, most_s=LONG_S)
    async with voice_of(settings, OpenaiSettings()) as found:
        found.require()
        yield found


async def said(voice, request: SpeechRequest | str) -> bytes:
    request = request if isinstance(request, SpeechRequest) else SpeechRequest(request)
    async with voice.speak(request) as pieces:
        return b"".join([piece async for piece in pieces])


def seconds(mp3: bytes) -> float:
    found = miniaudio.decode(mp3)
    assert (found.nchannels, found.sample_rate) == (2, 44_100)
    return found.num_frames / found.sample_rate


def pids(voice) -> set[int]:
    return {process.pid for process in voice._speakers._idle}


def of(process: int, name: str = "") -> Path:
    """A file that says something of a process."""
    return Path(f"/proc/{process}") / name


def children() -> set[int]:
    """Processes that speak for this one."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"speaker.py" in (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
    return found


TEXTS = {
    "English": HELLO.text,
    "German": "Ich weiß nicht, wo der Schlüssel ist. Hast du ihn gesehen?",
    "French": "Je ne sais pas où est la clé, mais nous la trouverons.",
    "Spanish": "No sé dónde está la llave, pero la vamos a encontrar.",
    "Polish": "Nie wiem, gdzie jest klucz, ale go znajdziemy.",
    "Russian": "Я не знаю, где ключ, но мы его найдём.",  # noqa: RUF001
    "Greek": "Δεν ξέρω πού είναι το κλειδί, αλλά θα το βρούμε.",
    "Hebrew": "אני לא יודע איפה המפתח, אבל נמצא אותו.",
    "2,000 characters": MANY.text,
}


@pytest.mark.parametrize("language", TEXTS)
async def test_what_it_says_plays_for_about_as_long_as_people_would_speak(voice, language):
    text = TEXTS[language]
    heard = seconds(await said(voice, text))
    expected = len(text) / LETTERS_PER_S
    assert expected / 2 < heard < 2 * expected + 1


HOSTILE = (
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f", "\u202e\u05d0\u05d1\u05d2 abc \u202d", "..." * 600, "x" * 2_000,
    "%s%n%x" * 20, "\ue000\uf8ff\U000f0000", "\u0530\u0557", "a\u0301" * 900, "\ufdfa" * 5, "&lt;&#0;&amp;", "\\x00\\n", "C:\\ /etc/passwd",
    "\ud800 alone",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_whatever_a_text_is_it_is_spoken(voice, text):
    assert seconds(await said(voice, text)) > 0
    assert len(pids(voice)) >= 1, "and its process lives"


async def test_a_text_is_read_and_never_obeyed(voice):
    """Neither SSML, nor phonemes, nor the library's own commands, which begin with a control sign."""
    assert seconds(await said(voice, "one <break time='60s'/> two")) < 15
    assert seconds(await said(voice, "one <prosody rate='x-slow'>two</prosody>")) < 15
    assert await said(voice, "[[h@'loU]]") != await said(voice, "hello")
    assert await said(voice, "slow \x0180Sdown") == await said(voice, "slow 80Sdown")
    assert await said(voice, "one\0two") == await said(voice, "onetwo")


async def test_the_same_is_the_same_whatever_was_said_before_and_by_whom(voice):
    first = await said(voice, HELLO)
    for other in (
        "Guten Tag, das ist nicht die Tür.",
        LONG,
        SpeechRequest("Hm.", "en-gb+whisper", 1.0),
    ):
        await said(voice, other)
        assert await said(voice, HELLO) == first
    async with local() as another:
        assert await said(another, HELLO) == first


async def test_style_and_voice_change_it(voice):
    styles = [
        await said(voice, SpeechRequest(HELLO.text, style=style)) for style in (0.0, 0.5, 1.0)
    ]
    assert len(set(styles)) == 3
    assert seconds(styles[0]) > seconds(styles[2]), "without feeling it goes on and on"
    voices = [
        await said(voice, SpeechRequest(HELLO.text, name))
        for name in (None, "de", "ann", "bob", "en-gb+f3")
    ]
    assert len(set(voices)) == 5
    nan = await said(voice, SpeechRequest(HELLO.text, style=float("nan")))
    assert nan == styles[1]


async def test_the_first_piece_comes_before_the_last_one_is_made(voice):
    await said(voice, HELLO)
    async with voice.speak(LONG) as pieces:
        first = await anext(pieces)
        assert len(first) < 2_000
        rest = [piece async for piece in pieces]
    assert len(rest) > 3
    assert first + b"".join(rest) == await said(voice, LONG)


async def test_a_listener_who_leaves_ends_the_speech_and_the_process_is_free():
    async with local(most=1) as voice:
        await said(voice, HELLO)
        (process,) = pids(voice)
        for _ in range(3):
            async with voice.speak(LONG) as pieces:
                await anext(pieces)
            assert seconds(await said(voice, HELLO)) > 1
            assert pids(voice) == {process}


async def test_a_listener_who_leaves_at_any_moment_leaves_nothing_behind():
    async with local(most=2) as voice:
        for moment in (*range(12), 20, 40, 80, 160):
            tasks = [asyncio.ensure_future(said(voice, HELLO)) for _ in range(3)]
            for _ in range(moment):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert seconds(await said(voice, HELLO)) > 1
        await until(lambda: not voice._speakers._tasks)
        await until(lambda: len(children() & pids(voice)) == len(pids(voice)) <= 2)
        mine = pids(voice)
    await until(lambda: not children() & mine)


@pytest.mark.parametrize("victim", ["process", "fork"])
async def test_a_process_that_dies_in_a_speech_is_an_error_and_there_is_another_one(victim):
    async with local(most=1) as voice:
        await said(voice, HELLO)
        (process,) = pids(voice)
        async with voice.speak(LONG) as pieces:
            await anext(pieces)
            fork = of(process, f"task/{process}/children").read_text()
            os.kill(int(fork) if victim == "fork" else process, signal.SIGKILL)
            with pytest.raises(VoiceError):
                await _rest(pieces)
        assert seconds(await said(voice, HELLO)) > 1
        assert process not in pids(voice)


async def test_a_process_that_dies_while_it_waits_is_replaced():
    async with local(most=1) as voice:
        await said(voice, HELLO)
        (process,) = voice._speakers._idle
        os.kill(process.pid, signal.SIGKILL)
        await until(lambda: not process.is_alive)
        assert seconds(await said(voice, HELLO)) > 1


async def test_a_process_that_hangs_is_ended():
    async with Speakers(most=1) as speakers:
        patient = LocalVoice(speakers, first_s=LONG_S, most_s=LONG_S)
        await said(patient, HELLO)
        (process,) = pids(patient)
        os.kill(process, signal.SIGSTOP)
        with pytest.raises(VoiceUnavailable, match="begin"):
            await said(LocalVoice(speakers, first_s=0.2, most_s=LONG_S), HELLO)
        assert seconds(await said(patient, HELLO)) > 1
        (process,) = pids(patient) - {process}
        hasty = LocalVoice(speakers, first_s=LONG_S, most_s=1.0)
        with pytest.raises(VoiceUnavailable, match="long"):
            await _hung(hasty, process)
        assert seconds(await said(patient, HELLO)) > 1
        assert not of(process).exists()


async def _hung(voice, process: int) -> None:
    async with voice.speak(LONG) as pieces:
        await anext(pieces)
        os.killpg(process, signal.SIGSTOP)
        await _rest(pieces)


async def _rest(pieces) -> None:
    async for _ in pieces:
        pass


async def test_many_at_once_wait_for_each_other(voice):
    found = await asyncio.gather(
        *(said(voice, SpeechRequest(HELLO.text, str(n))) for n in range(8))
    )
    assert all(seconds(mp3) > 1 for mp3 in found)
    assert found[3] == await said(voice, SpeechRequest(HELLO.text, "3"))
    assert 1 <= len(pids(voice)) <= 4


async def test_processes_that_nobody_needs_end():
    async with local(idle_s=0.05) as voice:
        await said(voice, HELLO)
        (process,) = pids(voice) or {0}
        await until(lambda: not pids(voice) and not of(process).exists())
        assert seconds(await said(voice, HELLO)) > 1


_SERVER = """
import asyncio, sys
from conjure.providers.voice.local.process import Speaking

async def main():
    process = await Speaking.start()
    speech = asyncio.ensure_future(process.speak("hello " * 600, "gmw/en", dict(rate=80, pitch=50, range=50), print))
    print(process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_no_process_outlives_a_server_that_is_killed():
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVER, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    process = int(await server.stdout.readline())
    server.kill()
    await server.wait()
    await until(lambda: not of(process).exists())
    server._transport.close()


async def test_its_processes_know_no_secret_of_the_server(monkeypatch):
    monkeypatch.setenv("CONJURE_VOICE_API_KEY", "a secret")
    async with local() as voice:
        await said(voice, HELLO)
        (process,) = pids(voice)
        assert b"secret" not in of(process, "environ").read_bytes()


async def test_it_closes_what_it_was_left():
    """A file that a server holds open for its own (the lock of a store) is none of a voice's."""
    own = os.open(__file__, os.O_RDONLY)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", speaker.__file__,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, pass_fds=[own],
        )  # fmt: skip
        await process.stdout.readexactly(speaker.FRAME.size)
        files = [entry.readlink() for entry in (of(process.pid, "fd")).iterdir()]
        process.stdin.close()
        await process.communicate()
    finally:
        os.close(own)
    assert Path(__file__) not in files


async def test_a_speech_without_an_end_ends(monkeypatch):
    """What a text costs is bounded: signs that are spelled out take a second each."""
    monkeypatch.setattr(speaker, "MOST_SPEECH_S", 2)
    sent = []

    class Endless:
        samples_per_s = 22_050

        def speak(self, text, voice, how, hear):
            while not hear(bytes(2_000)):
                pass

    source, keeps_open = os.pipe()
    try:
        endless = speaker.Speaker(Endless(), source=source, sink=-1)
        endless._send = lambda _, data: sent.append(data)
        endless._speak({"text": "x", "voice": "y"})
    finally:
        os.close(source)
        os.close(keeps_open)
    assert 2 <= seconds(b"".join(sent)) < 2.5
