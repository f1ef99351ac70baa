from conjure.providers.author.openai.author import OpenaiAuthor

__all__ = ["OpenaiAuthor"]
