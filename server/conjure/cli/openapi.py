"""`conjure openapi`: the contract of the REST face, without a server."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def openapi(
    as_yaml: Annotated[bool, typer.Option("--yaml", help="As YAML instead of JSON.")] = False,
) -> None:
    """Print the OpenAPI document of the REST face."""
    from conjure.openapi import json_text, yaml_text  # noqa: PLC0415 - few commands need it

    text = yaml_text() if as_yaml else json_text()
    sys.stdout.buffer.write(text if text.endswith(b"\n") else text + b"\n")
