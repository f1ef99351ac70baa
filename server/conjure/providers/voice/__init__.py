"""Voices: texts as speech (CONTRACT 5)."""

from conjure.providers.voice.chosen import voice_of
from conjure.providers.voice.none import NoVoice
from conjure.providers.voice.port import SpeechRequest, Voice, VoiceError, VoiceUnavailable

__all__ = ["NoVoice", "SpeechRequest", "Voice", "VoiceError", "VoiceUnavailable", "voice_of"]
