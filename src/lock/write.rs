use std::fmt::Write as _;

use crate::text::toml::quoted;

use super::{Inputs, Learned, LockFile, VERSION};
use super::{base, fetch};

/// What stands at the top.
const HEAD: &str =
    "# What dlint has learned of builds. Made by `dlint lock`: commit it, and do not edit it.\n";

impl LockFile {
    /// The text of the file: the same for the same entries.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{HEAD}version = {VERSION}\n");
        // Writing to a string cannot fail.
        if !self.bases.is_empty() {
            out.push_str("\n[base]\n");
            for (key, base) in &self.bases {
                let _ = writeln!(out, "{} = {}", quoted(key), base::line(base));
            }
        }
        if !self.fetches.is_empty() {
            out.push_str("\n[fetch]\n");
            for (key, fetch) in &self.fetches {
                let _ = writeln!(out, "{} = {}", quoted(key), fetch::line(fetch));
            }
        }
        for (build, layers) in &self.layers {
            let _ = writeln!(out, "\n[layer.{}]", quoted(build));
            for (key, layer) in layers {
                let _ = writeln!(out, "{key} = {}", line(layer));
            }
        }
        out
    }
}

fn line(layer: &Learned) -> String {
    let Learned { what, bytes, date, by, args, inputs } = layer;
    let args: Vec<String> = args.iter().map(|arg| quoted(arg)).collect();
    let args = if args.is_empty() { String::new() } else { format!(", args = [{}]", args.join(", ")) };
    let Inputs { base, settings, steps, files } = inputs;
    let inputs: Vec<String> = [("base", base), ("settings", settings), ("steps", steps), ("files", files)]
        .into_iter()
        .filter(|(_, hash)| !hash.is_empty())
        .map(|(name, hash)| format!("{name} = {}", quoted(hash)))
        .collect();
    let inputs = if inputs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", inputs.join(", ")) };
    format!(
        "{{ what = {}, bytes = {bytes}, date = {}, by = {}{args}, inputs = {inputs} }}",
        quoted(what),
        quoted(date),
        quoted(by)
    )
}
