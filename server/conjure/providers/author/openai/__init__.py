from conjure.providers.author.openai.author import Journal, OpenaiAuthor

__all__ = ["Journal", "OpenaiAuthor"]
