"""The base images: pulled, or stood in for where no registry is reachable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from containers.process import CommandFailed

if TYPE_CHECKING:
    from pathlib import Path

    from containers.engine import Engine

PULL_S = 300
_ARG = re.compile(r"^ARG (?P<variable>[A-Z]+_IMAGE)=(?P<image>\S+)$", re.MULTILINE)
_DEFAULT = re.compile(r"\$\{(?P<variable>[A-Z]+_IMAGE):-(?P<image>[^}]+)\}")


class Contradiction(Exception):
    """The Dockerfile and the compose file name different images by one variable."""


@dataclass(frozen=True)
class BaseImages:
    """Which image each variable of the Dockerfile and of the compose file names."""

    images: dict[str, str]
    pulled: bool  # or on the machine already; False: stand-ins

    @property
    def variables(self) -> dict[str, str]:
        """What to set for compose: nothing for the images that its file names."""
        return {} if self.pulled else self.images


def named_images(*texts: str) -> dict[str, str]:
    """Returns the images that a Dockerfile (ARG X_IMAGE=…) and a compose file (${X_IMAGE:-…}) name.

    Raises Contradiction.
    """
    found: dict[str, str] = {}
    for text in texts:
        for match in [*_ARG.finditer(text), *_DEFAULT.finditer(text)]:
            variable, image = match["variable"], match["image"]
            if found.setdefault(variable, image) != image:
                raise Contradiction(f"{variable} is {found[variable]} and {image}")
    return found


def pull(engine: Engine, root: Path) -> BaseImages | None:
    """Returns the images that the files name, pulled where they are missing; None: one cannot be had."""
    images = named_images(
        (root / "Dockerfile").read_text(), (root / "docker-compose.yml").read_text()
    )
    for image in images.values():
        if engine.has_image(image):
            continue
        print(f"· pulling {image}", flush=True)
        try:
            engine("pull", "--quiet", image, timeout_s=PULL_S)
        except CommandFailed as error:
            print(f"  {str(error).splitlines()[-1].strip()}")
            return None
    return BaseImages(images, pulled=True)
