//! How long it takes to read Dockerfiles: the syntax alone, and their shell scripts too.

mod files;

use std::sync::Arc;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use dlint::internals::semantic::Model;
use dlint::internals::syntax::parse;

/// The syntax tree of each file.
#[divan::bench]
fn syntax(bencher: Bencher<'_, '_>) {
    let sources = files::sources();
    bencher.counter(ItemsCount::new(sources.len())).counter(BytesCount::new(files::bytes(&sources))).bench(
        || {
            for source in &sources {
                black_box(parse(source.clone()));
            }
        },
    );
}

/// The model of each file, parsed before: stages, variables, and the commands of the scripts.
#[divan::bench]
fn model(bencher: Bencher<'_, '_>) {
    let parsed: Vec<_> = files::sources().into_iter().map(|source| Arc::new(parse(source))).collect();
    bencher.counter(ItemsCount::new(parsed.len())).bench(|| {
        for file in &parsed {
            black_box(Model::new(Arc::clone(file)));
        }
    });
}

fn main() {
    divan::main();
}
