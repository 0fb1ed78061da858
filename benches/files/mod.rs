//! The Dockerfiles that benchmarks read.

use dlint::internals::text::Source;

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
    include_str!("server.Dockerfile"),
];

/// The files, each once.
pub fn sources() -> Vec<Source> {
    TEXTS.iter().enumerate().map(|(i, text)| Source::from_text(format!("{i}.Dockerfile"), *text)).collect()
}

/// How many bytes they hold in all.
pub fn bytes(sources: &[Source]) -> usize {
    sources.iter().map(|source| source.text().len()).sum()
}
