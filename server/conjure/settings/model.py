"""All settings of a deployment, and what must hold between its sections."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Self

from conjure.settings.apps import AppSettings
from conjure.settings.assets import AssetSettings
from conjure.settings.bounds import HIGHEST_PORT
from conjure.settings.characters import BrainSettings, MemorySettings
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
from conjure.settings.environment import read
from conjure.settings.jobs import JobSettings
from conjure.settings.limits import MAX_RESPONSE_BYTES
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
from conjure.settings.voice import VoiceSettings
from conjure.settings.webhooks import WebhookSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


AT_HAND = frozenset(("none", "builtin", "local"))
"""Providers that wait for nobody; every other one is called, which takes time."""

_HEAVY_CACHE_BYTES = 16_777_216  # what a heavy worker keeps of worlds, and of keyframes


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. A section's field name is the middle of its variables: `CONJURE_<SECTION>_<FIELD>`."""

    server: ServerSettings = field(default_factory=ServerSettings)
    shares: ShareSettings = field(default_factory=ShareSettings)
    edge: EdgeSettings = field(default_factory=EdgeSettings)
    cors: CorsSettings = field(default_factory=CorsSettings)
    heavy: HeavySettings = field(default_factory=HeavySettings)
    gzip: GzipSettings = field(default_factory=GzipSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    sessions: SessionSettings = field(default_factory=SessionSettings)
    caps: CapSettings = field(default_factory=CapSettings)
    runtime: RuntimeSettings = field(default_factory=RuntimeSettings)
    auth: AuthSettings = field(default_factory=AuthSettings)
    apps: AppSettings = field(default_factory=AppSettings)
    rates: RateSettings = field(default_factory=RateSettings)
    worlds: WorldSettings = field(default_factory=WorldSettings)
    versions: VersionSettings = field(default_factory=VersionSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    openai: OpenaiSettings = field(default_factory=OpenaiSettings)
    author: AuthorSettings = field(default_factory=AuthorSettings)
    editor: EditorSettings = field(default_factory=EditorSettings)
    vision: VisionSettings = field(default_factory=VisionSettings)
    pictures: PictureSettings = field(default_factory=PictureSettings)
    brain: BrainSettings = field(default_factory=BrainSettings)
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    memory: MemorySettings = field(default_factory=MemorySettings)
    player: PlayerSettings = field(default_factory=PlayerSettings)
    assets: AssetSettings = field(default_factory=AssetSettings)
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    jobs: JobSettings = field(default_factory=JobSettings)
    queue: QueueSettings = field(default_factory=QueueSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    tracing: TracingSettings = field(default_factory=TracingSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Reads and verifies. Raises SettingsError."""
        settings = read(cls, environment)
        settings.verify()
        return settings

    def for_heavy_worker(self) -> Settings:
        """The settings of a heavy worker: it serves its parent alone, which has looked at rates."""
        worlds, versions = self.worlds, self.versions
        return replace(
            self,
            server=replace(self.server, workers=1, tls_cert="", tls_key="", tls_client_ca=""),
            heavy=replace(self.heavy, workers=0),
            queue=replace(self.queue, inline=False),
            rates=replace(self.rates, key_per_s=0, session_per_s=0, failures_per_s=0),
            # One of the largest worlds: parsed it takes up to forty times its text.
            worlds=replace(worlds, cache_bytes=min(worlds.cache_bytes, _HEAVY_CACHE_BYTES)),
            versions=replace(versions, cache_bytes=min(versions.cache_bytes, _HEAVY_CACHE_BYTES)),
            # It has one call at a time, and what it answers is large.
            assets=replace(
                self.assets, cache_bytes=min(self.assets.cache_bytes, _HEAVY_CACHE_BYTES)
            ),
            gzip=replace(
                self.gzip,
                at_once_bytes=MAX_RESPONSE_BYTES,
                cache_bytes=min(self.gzip.cache_bytes, _HEAVY_CACHE_BYTES),
            ),
            log=replace(self.log, calls=False),  # the process that a call came to writes the line
        )

    def verify(self) -> None:
        """Raises SettingsError on a value or a combination that cannot work."""
        for item in fields(self):
            section = getattr(self, item.name)
            section.verify(Variables(item.name, section))
        deadline = variable("server", "deadline_s")
        if self.metrics.port + self.server.workers > HIGHEST_PORT + 1:
            raise SettingsError(
                f"{variable('metrics', 'port')} must leave a port up to 65535 per worker"
            )
        if (
            self.server.port and not self.edge.sockets
        ):  # whatever `edge.calls` is, servers listen for both
            last = self.server.port + self.server.workers - 1
            if (
                self.server.workers > self.edge.port_offset
                or self.edge.port_of(last) > HIGHEST_PORT
            ):
                raise SettingsError(
                    f"{variable('edge', 'port_offset')} must leave room for a port per worker,"
                    " below it and up to 65535"
                )
        if self.store.timeout_s >= self.server.deadline_s:
            raise SettingsError(f"{variable('store', 'timeout_s')} must be below {deadline}")
        if self.auth.user_jwks_url and self.auth.user_jwks_timeout_s >= self.server.deadline_s:
            raise SettingsError(
                f"{variable('auth', 'user_jwks_timeout_s')} must be below {deadline}"
            )
        if self.server.workers > 1 and self.server.drain_pause_s < self.edge.notice_s:
            raise SettingsError(
                f"{variable('server', 'drain_pause_s')} must be"
                f" 2 * {variable('edge', 'health_interval_s')} +"
                f" {variable('edge', 'health_timeout_s')} or more:"
                " a worker must not leave before edges know"
            )
        for section, provider, most_s in (
            ("author", self.author.provider, self.author.most_s),
            ("editor", self.editor.provider, self.editor.most_s),
            ("vision", self.vision.provider, self.vision.most_s),
            ("pictures", self.pictures.provider, self.pictures.most_s),
            ("brain", self.brain.provider, self.brain.most_s),
            ("voice", self.voice.provider, self.voice.most_s),
        ):
            if provider not in AT_HAND and most_s >= self.server.model_deadline_s:
                raise SettingsError(
                    f"{variable(section, 'most_s')} must be below"
                    f" {variable('server', 'model_deadline_s')}"
                )
        self._verify_time_of_a_world()
        if self.worlds.hold_s <= self.server.deadline_s:
            raise SettingsError(f"{variable('worlds', 'hold_s')} must be above {deadline}")

    def _verify_time_of_a_world(self) -> None:
        """A world is written, then its cover is drawn: whoever waits, waits for both."""
        parts = [("author", "most_s")] if self.author.provider == "openai" else []
        if self.pictures.provider == "openai":
            parts.append(("pictures", "cover_s"))
        takes_s = sum(getattr(getattr(self, section), name) for section, name in parts)
        names = " and ".join(variable(*part) for part in parts)
        must = "must together be" if len(parts) > 1 else "must be"
        for section, name in (("server", "model_deadline_s"), ("jobs", "attempt_s")):
            if parts and takes_s >= getattr(getattr(self, section), name):
                raise SettingsError(f"{names} {must} below {variable(section, name)}")
