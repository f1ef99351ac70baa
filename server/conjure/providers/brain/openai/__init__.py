"""The brain with a model behind it, at an endpoint that speaks OpenAI's API."""

from conjure.providers.brain.openai.brain import OpenaiBrain, openai_brain

__all__ = ["OpenaiBrain", "openai_brain"]
