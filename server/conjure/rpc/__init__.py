"""The gRPC surface and its REST face: what happens around every handler."""
