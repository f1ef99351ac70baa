"""What a backup or a restore ends with, for whoever runs it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.core.errors import AppError
from conjure.providers.objects import ObjectsError
from conjure.store.masters import REFUSED, TROUBLE

if TYPE_CHECKING:
    from collections.abc import Iterator


class BackupError(Exception):
    """A backup was not made, is none, or was not restored. The message is one sentence for a person."""


@contextlib.contextmanager
def explained(outcome: str, assets: str) -> Iterator[None]:
    """Says as BackupError what a store, assets or a disk had to object; `outcome`: what is the matter then.

    `assets`: what they cannot be. An error that says more about its cause is caught inside.
    """
    try:
        yield
    except REFUSED as error:
        raise BackupError(f"the store refused a command, and {outcome}: {error}") from error
    except TROUBLE as error:
        raise BackupError(f"the store was lost, and {outcome}: {error}") from error
    except AppError as error:
        why = error.detail or error.reason.value.lower().replace("_", " ")
        raise BackupError(f"the store did not answer, and {outcome}: {why}") from error
    except ObjectsError as error:
        raise BackupError(f"assets cannot be {assets}, and {outcome}: {error}") from error
    except OSError as error:
        raise BackupError(f"{outcome}: {error}") from error
