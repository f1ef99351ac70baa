"""The editor that has a model behind it, at any endpoint that speaks OpenAI's API."""

from conjure.providers.editor.openai.editor import OpenaiEditor

__all__ = ["OpenaiEditor"]
