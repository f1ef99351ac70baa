# Images of the server and of the edge: built in one stage, run in others, as nobody.
# The base images by their full names, which every engine reads alike; a mirror or a stand-in can be named instead.
# By digest: python:3.13.15-slim-trixie (an index of all architectures). Envoy's is by tag: its digest could not be
# looked up where this was written. `docker buildx imagetools inspect docker.io/envoyproxy/envoy:v1.40.0` tells it.
ARG PYTHON_IMAGE=docker.io/library/python@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
ARG ENVOY_IMAGE=docker.io/envoyproxy/envoy:v1.40.0

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY requirements.lock requirements-server.lock ./
# Hashes of every wheel: the image has what was tested. /opt/build makes, /opt/conjure runs.
RUN python -m venv /opt/build && python -m venv /opt/conjure \
 && /opt/build/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock \
 && /opt/conjure/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements-server.lock
COPY pyproject.toml CHANGELOG.md LICENSE SECURITY.md ./
COPY protos protos
COPY edge edge
COPY server server
ARG CONJURE_TRACING_ENDPOINT=""
ARG CONJURE_EDGE_CALLS=http1
ARG CONJURE_CORS_ORIGINS="*"
ARG CONJURE_CORS_CONSOLE_ORIGINS=""
RUN /opt/build/bin/python protos/generate.py \
 && /opt/build/bin/pip wheel --no-build-isolation --no-deps --no-index --wheel-dir /src/dist . \
 && /opt/conjure/bin/pip install --no-cache-dir --no-deps --no-index /src/dist/*.whl \
 && /opt/conjure/bin/conjure edge --rest 0.0.0.0:8080 --grpc 0.0.0.0:9090 --metrics 0.0.0.0:9465 --upstream server:8090 --write /src/envoy.yaml

# Envoy with the configuration that this contract makes.
FROM ${ENVOY_IMAGE} AS edge
# The configuration is its user's alone: it may hold a collector's credential.
COPY --from=build --chown=envoy /src/envoy.yaml /src/edge/run.sh /etc/envoy/
USER envoy
CMD ["bash", "/etc/envoy/run.sh"]

FROM ${PYTHON_IMAGE} AS server
# A volume for assets begins with what the folder is here: its user's.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin conjure \
 && install -d -o 10001 -g 10001 -m 700 /var/lib/conjure/assets
COPY --from=build /opt/conjure /opt/conjure
USER 10001
ENV PATH=/opt/conjure/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CONJURE_ASSETS_URL=/var/lib/conjure/assets
# gRPC, and the unary calls of edges: not for the public.
EXPOSE 8090 8190
CMD ["conjure", "serve"]
