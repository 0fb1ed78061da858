//! How long it takes to lint Dockerfiles with the default rules, without their build contexts.

mod files;

use std::path::Path;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use dlint::internals::config::{Config, Settings};
use dlint::internals::engine::lint;
use dlint::internals::rules::Choice;
use dlint::internals::semantic::{Analysis, Model};
use dlint::internals::syntax::parse;

/// The settings of a run without options and configuration.
fn defaults() -> Settings {
    Config::default().settings(Path::new(""), &Choice::default(), None)
}

/// From the text to the findings, as a run does for each file.
#[divan::bench]
fn all(bencher: Bencher<'_, '_>) {
    let (sources, settings) = (files::sources(), defaults());
    bencher.counter(ItemsCount::new(sources.len())).counter(BytesCount::new(files::bytes(&sources))).bench(
        || {
            for source in &sources {
                black_box(lint(&Analysis::new(Model::new(parse(source.clone()))), &settings));
            }
        },
    );
}

/// The rules alone.
#[divan::bench]
fn rules(bencher: Bencher<'_, '_>) {
    let settings = defaults();
    let parsed: Vec<_> = files::sources().into_iter().map(parse).collect();
    // New ones each time, since a model remembers the facts that rules ask for.
    let models = || parsed.iter().map(|file| Analysis::new(Model::new(file.clone()))).collect::<Vec<_>>();
    bencher.counter(ItemsCount::new(parsed.len())).with_inputs(models).bench_local_values(|models| {
        for model in &models {
            black_box(lint(model, &settings));
        }
    });
}

fn main() {
    divan::main();
}
