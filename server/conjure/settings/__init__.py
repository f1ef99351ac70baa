"""Every setting, read once from the environment and verified before a socket opens.

`CONJURE_<SECTION>_<FIELD>` sets a field, for example `CONJURE_STORE_URL` or `CONJURE_SESSIONS_LEASE_S`: the
names follow from the fields of `Settings` and of its sections. Units are in the names; the comment above a
field says what it means and why the default is what it is. `server/OPERATIONS.md` has them all in a table,
which `python -m conjure.settings.table` writes. Secrets stay out of `repr`.
"""

from conjure.settings.apps import AppSettings
from conjure.settings.assets import AssetSettings
from conjure.settings.bounds import HIGHEST_PORT, MANY, MOST_UNITS, Bounds, bounds_of
from conjure.settings.cors import CorsSettings
from conjure.settings.domains import (
    AuthSettings,
    CapSettings,
    RateSettings,
    RuntimeSettings,
    SessionSettings,
    VersionSettings,
    WatchSettings,
    WorldSettings,
)
from conjure.settings.jobs import JobSettings
from conjure.settings.limits import (
    LATE_END_S,
    MAX_ANSWER_BYTES,
    MAX_DOCUMENT_BYTES,
    MAX_RESPONSE_BYTES,
    UNITS,
)
from conjure.settings.model import Settings
from conjure.settings.models import (
    AuthorSettings,
    EditorSettings,
    OpenaiSettings,
    PictureSettings,
    VisionSettings,
)
from conjure.settings.player import PlayerSettings
from conjure.settings.queue import QueueSettings
from conjure.settings.serving import (
    EdgeSettings,
    GzipSettings,
    HeavySettings,
    LogSettings,
    MetricsSettings,
    ServerSettings,
    ShareSettings,
    TracingSettings,
)
from conjure.settings.store import StoreSettings
from conjure.settings.variables import SettingsError, Variables, variable
from conjure.settings.webhooks import WebhookSettings

__all__ = [
    "HIGHEST_PORT",
    "LATE_END_S",
    "MANY",
    "MAX_ANSWER_BYTES",
    "MAX_DOCUMENT_BYTES",
    "MAX_RESPONSE_BYTES",
    "MOST_UNITS",
    "UNITS",
    "AppSettings",
    "AssetSettings",
    "AuthSettings",
    "AuthorSettings",
    "Bounds",
    "CapSettings",
    "CorsSettings",
    "EdgeSettings",
    "EditorSettings",
    "GzipSettings",
    "HeavySettings",
    "JobSettings",
    "LogSettings",
    "MetricsSettings",
    "OpenaiSettings",
    "PictureSettings",
    "PlayerSettings",
    "QueueSettings",
    "RateSettings",
    "RuntimeSettings",
    "ServerSettings",
    "SessionSettings",
    "Settings",
    "SettingsError",
    "ShareSettings",
    "StoreSettings",
    "TracingSettings",
    "Variables",
    "VersionSettings",
    "VisionSettings",
    "WatchSettings",
    "WebhookSettings",
    "WorldSettings",
    "bounds_of",
    "variable",
]
