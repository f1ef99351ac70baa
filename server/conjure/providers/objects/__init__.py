from conjure.providers.objects.folder import FolderObjects
from conjure.providers.objects.port import MOST_OBJECT_BYTES, Objects, ObjectsError

__all__ = ["MOST_OBJECT_BYTES", "FolderObjects", "Objects", "ObjectsError"]
