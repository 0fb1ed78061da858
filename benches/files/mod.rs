//! The Dockerfiles that benchmarks read.

use dlint::text::Source;

/// Real shapes, all written for this project: multi-stage builds, package managers, here-documents,
/// long RUNs with compound commands, Windows, and one that is broken.
const TEXTS: [&str; 10] = [
    include_str!("../../testdata/flask-naive/Dockerfile"),
    include_str!("../../testdata/flask-optimised/Dockerfile"),
    include_str!("../../testdata/node-copy-first/Dockerfile"),
    include_str!("../../testdata/go-single-stage/Dockerfile"),
    include_str!("../../testdata/java-maven/Dockerfile"),
    include_str!("../../testdata/heredocs/Dockerfile"),
    include_str!("../../testdata/windows/Dockerfile"),
    include_str!("../../testdata/clean/Dockerfile"),
    include_str!("../../testdata/broken/Dockerfile"),
    LONG,
];

/// A server as distributions build it: one long RUN with conditions and loops.
const LONG: &str = "FROM debian:12-slim AS build
ARG VERSION=1.24.0
ENV PREFIX=/usr/local/server PATH=/usr/local/server/bin:$PATH
RUN set -eux; \\
    apt-get update; \\
    apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev make; \\
    rm -rf /var/lib/apt/lists/*; \\
    arch=\"$(dpkg --print-architecture)\"; \\
    case \"$arch\" in \\
        amd64) flags=-march=x86-64 ;; \\
        arm64) flags=-march=armv8-a ;; \\
        *) echo >&2 \"unsupported: $arch\"; exit 1 ;; \\
    esac; \\
    curl -fsSL -o server.tar.gz \"https://example.com/server-${VERSION}.tar.gz\"; \\
    mkdir -p /usr/src/server && tar -xzf server.tar.gz -C /usr/src/server --strip-components=1; \\
    rm server.tar.gz; \\
    cd /usr/src/server; \\
    for patch in /patches/*.patch; do \\
        if [ -e \"$patch\" ]; then patch -p1 < \"$patch\"; fi; \\
    done; \\
    ./configure --prefix=\"$PREFIX\" CFLAGS=\"-O2 $flags\" && make -j \"$(nproc)\" && make install
FROM debian:12-slim
COPY --from=build /usr/local/server /usr/local/server
RUN groupadd -r server && useradd -r -g server server && mkdir /data && chown server:server /data
VOLUME /data
EXPOSE 8080/tcp
HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost:8080/ || exit 1
USER server
ENTRYPOINT [\"/usr/local/server/bin/server\"]
CMD [\"--config\", \"/etc/server.conf\"]
";

/// The files, each once.
pub fn sources() -> Vec<Source> {
    TEXTS.iter().enumerate().map(|(i, text)| Source::from_text(format!("{i}.Dockerfile"), *text)).collect()
}

/// How many bytes they hold in all.
pub fn bytes(sources: &[Source]) -> usize {
    sources.iter().map(|source| source.text().len()).sum()
}
