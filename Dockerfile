# Images of the server and of the edge: built in one stage, run in others, as nobody.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock requirements-server.lock ./
# Hashes of every wheel: the image has what was tested. /opt/build makes, /opt/conjure runs.
RUN python -m venv /opt/build && python -m venv /opt/conjure \
 && /opt/build/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock \
 && /opt/conjure/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY protos protos
COPY edge edge
COPY server server
ARG CONJURE_TRACING_ENDPOINT=""
RUN /opt/build/bin/python protos/generate.py \
 && /opt/build/bin/pip wheel --no-build-isolation --no-deps --no-index --wheel-dir /src/dist . \
 && /opt/conjure/bin/pip install --no-cache-dir --no-deps --no-index /src/dist/*.whl \
 && /opt/conjure/bin/conjure edge --rest 0.0.0.0:8080 --grpc 0.0.0.0:9090 --metrics 0.0.0.0:9465 --upstream server:8090 --write /src/envoy.yaml

# Envoy with the configuration that this contract makes.
FROM envoyproxy/envoy:v1.40.0 AS edge
COPY --from=build /src/envoy.yaml /etc/envoy/envoy.yaml
USER envoy
CMD ["envoy", "-c", "/etc/envoy/envoy.yaml"]

FROM python:3.13-slim AS server
RUN useradd --system --uid 10001 conjure
COPY --from=build /opt/conjure /opt/conjure
USER 10001
ENV PATH=/opt/conjure/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8090
CMD ["conjure", "serve"]
