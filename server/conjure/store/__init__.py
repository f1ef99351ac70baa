"""Everything that knows Redis: the client, its connections, clusters, key names."""
