use std::fmt::Write as _;

use toml::de::DeValue;

use crate::text::toml::quoted;

use super::base;
use super::{Inputs, Learned, LockFile, VERSION};

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
        for (name, entries) in self.others.iter().filter(|(_, entries)| !entries.is_empty()) {
            let _ = writeln!(out, "\n[{name}]");
            for (key, value) in entries {
                let _ = writeln!(out, "{} = {value}", quoted(key));
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

/// A value in one line. TOML's reader bounds how deep it is.
pub(super) fn inline(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => match number.radix() {
            16 => format!("0x{}", number.as_str()),
            8 => format!("0o{}", number.as_str()),
            2 => format!("0b{}", number.as_str()),
            _ => number.as_str().to_owned(),
        },
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item.get_ref())).collect();
            format!("[{}]", items.join(", "))
        }
        DeValue::Table(table) => {
            let entry = |(key, value): (&str, _)| format!("{} = {value}", quoted(key));
            let entries: Vec<String> =
                table.iter().map(|(key, value)| entry((key.get_ref(), inline(value.get_ref())))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}
