# A server as distributions build it: one long RUN with conditions and loops.
FROM debian:12-slim AS build
ARG VERSION=1.24.0
ENV PREFIX=/usr/local/server PATH=/usr/local/server/bin:$PATH
RUN set -eux; \
    apt-get update; \
    apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev make; \
    rm -rf /var/lib/apt/lists/*; \
    arch="$(dpkg --print-architecture)"; \
    case "$arch" in \
        amd64) flags=-march=x86-64 ;; \
        arm64) flags=-march=armv8-a ;; \
        *) echo >&2 "unsupported: $arch"; exit 1 ;; \
    esac; \
    curl -fsSL -o server.tar.gz "https://example.com/server-${VERSION}.tar.gz"; \
    mkdir -p /usr/src/server && tar -xzf server.tar.gz -C /usr/src/server --strip-components=1; \
    rm server.tar.gz; \
    cd /usr/src/server; \
    for patch in /patches/*.patch; do \
        if [ -e "$patch" ]; then patch -p1 < "$patch"; fi; \
    done; \
    ./configure --prefix="$PREFIX" CFLAGS="-O2 $flags" && make -j "$(nproc)" && make install
FROM debian:12-slim
COPY --from=build /usr/local/server /usr/local/server
RUN groupadd -r server && useradd -r -g server server && mkdir /data && chown server:server /data
VOLUME /data
EXPOSE 8080/tcp
HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost:8080/ || exit 1
USER server
ENTRYPOINT ["/usr/local/server/bin/server"]
CMD ["--config", "/etc/server.conf"]
