//! The build script: turns the tables in `rules/data/` into what `src/knowledge/` includes.

mod generate;

/// The reader of TOML with places, which the program uses as well.
#[allow(dead_code, reason = "the tables need a part of it")]
#[path = "../text"]
mod text {
    mod nearest;
    mod span;
    pub mod toml;

    pub use nearest::nearest;
    pub use span::Span;
}

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=rules");
    let out = std::env::var_os("OUT_DIR").unwrap_or_default();
    match generate::files(&mut generate::read_table) {
        Ok(files) => {
            for (name, bytes) in files {
                if let Err(e) = std::fs::write(Path::new(&out).join(&name), bytes) {
                    println!("cargo::error={name}: {e}");
                }
            }
        }
        Err(fault) => println!("cargo::error={fault}"),
    }
}
