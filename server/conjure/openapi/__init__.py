"""The contract of the REST face as an OpenAPI 3.1 document, made of what the server itself runs by.

That is the protos with their comments, the catalog of errors and the schema of worlds. Nothing of it is
written by hand, so it cannot say anything else than they do.
"""

from __future__ import annotations

from conjure.openapi.document import document, json_text, yaml_text
from conjure.openapi.page import Page, docs_page

__all__ = ["Page", "docs_page", "document", "json_text", "yaml_text"]
