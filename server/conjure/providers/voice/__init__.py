"""Voices: texts as speech (CONTRACT 5)."""

from conjure.providers.voice.port import SpeechRequest, Voice, VoiceError, VoiceUnavailable

__all__ = ["SpeechRequest", "Voice", "VoiceError", "VoiceUnavailable"]
