"""The receiver of the page for receivers is one."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from conjure.core.caller import Tenant
from conjure.run.ports import wait_for_port
from support.ports import claimed_port
from support.until import LIMIT_S
from support.users import make_app, user_token
from support.webhooks import happen, register

PAGE = Path(__file__).parents[3] / "server" / "conjure" / "webhooks" / "README.md"


async def test_the_receiver_of_the_page_prints_what_happens(rest, stack):
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    token, port = user_token(), claimed_port()
    app_id = await make_app(rest, token)
    webhook = await register(rest, token, app_id, f"http://127.0.0.1:{port}/")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", block[1], stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "SECRET": webhook["secret"], "PORT": str(port)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        await wait_for_port(port)
        await happen(stack.admin.store, Tenant(app_id, "test"), seconds=12)
        line = await asyncio.wait_for(process.stdout.readline(), LIMIT_S)
        assert line.decode().strip() == "session.ended {'seconds': 12}"
    finally:
        process.kill()
        await process.wait()
