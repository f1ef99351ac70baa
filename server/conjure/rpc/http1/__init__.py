"""The edge's unary calls: gRPC messages over HTTP/1.1, read and answered in this process's own event loop.

grpc.aio takes four events, two tasks and a thread's wake-up for each unary call, two thirds of what a connect
costs. Envoy does not mind which HTTP carries a gRPC call: here a request is one POST, its answer one chunked
body, and `grpc-status` its trailer. Layers, servicers and messages are those of the gRPC port.

No specification has gRPC over HTTP/1.1. Envoy carries it (an HTTP/1.1 upstream with `enable_trailers`), which
`conjure edge --validate` and a test look at; `CONJURE_EDGE_CALLS=grpc` is the standard way, and costs more.

It is for edges alone, and they are believed (SECURITY.md). Internal callers, streams and health watches have
the gRPC port.

- `frames`: what is on the wire.
- `connection`: one connection of an edge, one call at a time.
- `listener`: all of them, their socket, their TLS, their end.
"""
