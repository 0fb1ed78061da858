//! From `.hadolint.yaml` to a `dlint.toml` that means the same.

use std::fmt::Write as _;

use crate::diag::Severity;
use crate::rules::{Catalogue, RuleId, Unit};
use crate::text::Span;
use crate::text::toml::quoted;

use super::super::FailOn;
use crate::knowledge::{Level, hadolint_level, hadolint_levels};

use super::Hadolint;

/// The text of a `dlint.toml` that means what `said` means. `text` is what it was read from, for the
/// comments, and `source` what that is called.
#[must_use]
pub fn moved(said: &Hadolint, text: &str, source: &str) -> String {
    let catalogue = Catalogue::default();
    let writer = Writer { said, text, catalogue: &catalogue };
    let mut out =
        format!("# Converted from {source} by `dlint init`: the rules of hadolint, with its levels.\n");
    for line in head(text) {
        let _ = writeln!(out, "{line}");
    }
    out.push_str("\n# \"default\" is what a good reviewer would say; `dlint rules` lists the rules.\nselect = [\"hadolint\"]\n");
    writer.ignored(&mut out);
    let _ = writeln!(out, "fail-on = \"{}\"", said.fail_on());
    writer.advisory(&mut out);
    if let Some(format) = said.format {
        let _ = writeln!(out, "format = \"{format}\"");
    }
    if said.no_color {
        out.push_str("color = \"never\"\n");
    }
    if said.disable_ignore_pragma {
        out.push_str("disable-ignore-pragma = true\n");
    }
    out.push_str("# hadolint runs ShellCheck on the scripts; dlint does if it is asked to, and it is installed.\n# shellcheck = true\n");
    writer.severities(&mut out);
    writer.policy(&mut out);
    out
}

struct Writer<'a> {
    said: &'a Hadolint,
    text: &'a str,
    catalogue: &'a Catalogue,
}

/// What dlint calls an id: a word for its configuration, and a remark.
struct Called {
    word: String,
    units: Vec<Unit>,
    remark: String,
}

impl Writer<'_> {
    /// The names of rules that are all about `id`, or the id itself where it is only a part of a rule.
    fn called(&self, id: &str) -> Vec<Called> {
        let id = id.to_ascii_uppercase();
        let selector =
            self.catalogue.lookup(&format!("hadolint:{id}")).or_else(|| self.catalogue.lookup(&id));
        let Some(selector) = selector else { return Vec::new() };
        let name = |id: &RuleId| Some(self.catalogue.get(*id)?.meta.name.to_string());
        let names: Vec<String> = self.catalogue.ids(&selector).iter().filter_map(name).collect();
        let is_whole = |unit: &Unit| match unit {
            Unit::Rule(id) => self.catalogue.parts_of(*id).is_empty(),
            Unit::Part(_) | Unit::Code(..) => false,
        };
        if selector.units.iter().all(is_whole) {
            let one = |(word, unit): (String, Unit)| Called { word, units: vec![unit], remark: id.clone() };
            return names.into_iter().zip(selector.units).map(one).collect();
        }
        let remark = format!("a part of {}", names.join(", "));
        vec![Called { word: id, units: selector.units, remark }]
    }

    fn ignored(&self, out: &mut String) {
        let off = |(id, level): &&(&str, Level)| {
            *level == Level::Ignore && self.said.level(id) == Some(Level::Ignore)
        };
        let off: Vec<&str> = hadolint_levels().iter().filter(off).map(|(id, _)| *id).collect();
        out.push_str("ignore = [\n");
        for id in &self.said.ignored {
            for line in above(self.text, id.span) {
                let _ = writeln!(out, "    {line}");
            }
            let why = behind(self.text, id.span).map(|why| format!(": {why}")).unwrap_or_default();
            let called = self.called(&id.value);
            if called.is_empty() {
                let _ =
                    writeln!(out, "    # {}{why} (dlint has no such rule)", id.value.to_ascii_uppercase());
            }
            for called in called {
                let _ = writeln!(out, "    {}, # {}{why}", quoted(&called.word), called.remark);
            }
        }
        for called in off.into_iter().filter(|id| !self.said.ignores(id)).flat_map(|id| self.called(id)) {
            let _ = writeln!(
                out,
                "    {}, # {}: hadolint has it only if it is given a level",
                quoted(&called.word),
                called.remark
            );
        }
        out.push_str("]\n");
    }

    /// The ids that are on, and their levels.
    fn on(&self) -> impl Iterator<Item = (&'static str, Level)> {
        let level = |id| self.said.level(id).filter(|level| level.severity().is_some());
        let ids = hadolint_levels().iter().map(|(id, _)| *id).filter(|id| !self.said.ignores(id));
        ids.filter_map(move |id| Some((id, level(id)?)))
    }

    fn advisory(&self, out: &mut String) {
        if self.said.style_fails() || self.said.fail_on() == FailOn::Never {
            return;
        }
        let style = self.on().filter(|(_, level)| *level == Level::Style).flat_map(|(id, _)| self.called(id));
        let words: Vec<String> = style.map(|called| quoted(&called.word)).collect();
        if !words.is_empty() {
            out.push_str("# The level `style`: said, but it fails nothing.\n");
            let _ = writeln!(out, "advisory = [{}]", words.join(", "));
        }
    }

    fn severities(&self, out: &mut String) {
        let own = |unit: &Unit| -> Option<Severity> {
            Some(self.catalogue.get(self.catalogue.rule_of(*unit)?)?.meta.severity)
        };
        let given =
            |id: &str| self.said.overrides.iter().any(|(named, _)| named.value.eq_ignore_ascii_case(id));
        let (mut asked, mut hadolints) = (Vec::new(), Vec::new());
        for (id, level) in self.on() {
            let Some(severity) = level.severity() else { continue };
            for called in self.called(id) {
                let line = format!("{} = \"{severity}\" # {}\n", called.word, called.remark);
                if given(id) {
                    asked.push(line);
                } else if called.units.iter().any(|unit| own(unit) != Some(severity)) {
                    hadolints.push(line);
                }
            }
        }
        // What ShellCheck finds has no level of its own here.
        let shellcheck = self
            .said
            .overrides
            .iter()
            .filter(|(id, _)| hadolint_level(&id.value.to_ascii_uppercase()).is_none());
        let mut seen = Vec::new();
        for (id, level) in shellcheck {
            let (id, severity) = (id.value.to_ascii_uppercase(), level.severity());
            if let (Some(severity), false, false) =
                (severity, seen.contains(&id), self.called(&id).is_empty())
            {
                asked.push(format!("{id} = \"{severity}\"\n"));
                seen.push(id);
            }
        }
        if asked.is_empty() && hadolints.is_empty() {
            return;
        }
        out.push_str("\n[severity]\n");
        out.extend(asked);
        if !hadolints.is_empty() {
            out.push_str("# hadolint's levels where those of dlint are others.\n");
            out.extend(hadolints);
        }
    }

    fn policy(&self, out: &mut String) {
        let said = self.said;
        if said.trusted.is_empty() && said.labels.is_empty() && !said.strict_labels {
            return;
        }
        out.push_str("\n[policy]\n");
        if !said.trusted.is_empty() {
            let hosts: Vec<String> = said.trusted.iter().map(|host| quoted(host.as_str())).collect();
            let _ = writeln!(out, "allow-registries = [{}]", hosts.join(", "));
        }
        if said.strict_labels {
            out.push_str("allow-labels = [] # none but the required ones\n");
        }
        if !said.labels.is_empty() {
            out.push_str("\n[policy.require-labels]\n");
            for (label, format) in &said.labels {
                let _ = writeln!(out, "{} = \"{format}\"", quoted(label));
            }
        }
    }
}

/// A comment as TOML can hold it; nothing if it holds what TOML refuses.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim();
    (line.starts_with('#') && !line.contains(char::is_control)).then_some(line)
}

/// The comments at the start of the file.
fn head(text: &str) -> impl Iterator<Item = &str> {
    let words = text.lines().map(str::trim).take_while(|line| line.is_empty() || line.starts_with('#'));
    words.filter_map(comment)
}

/// The comments on the lines right above the line of `span`.
fn above(text: &str, span: Span) -> Vec<&str> {
    let Some(before) = text.get(..span.start as usize) else { return Vec::new() };
    let mut lines = before.rsplit('\n');
    // A list in brackets may have more on the line.
    let own = lines.next().unwrap_or("").trim();
    if own != "-" {
        return Vec::new();
    }
    let mut found: Vec<&str> = lines.map_while(comment).collect();
    found.reverse();
    found
}

/// The words of a comment behind `span` on its line, if nothing else stands between.
fn behind(text: &str, span: Span) -> Option<&str> {
    if span.is_empty() {
        return None;
    }
    let line = text.get(span.end as usize..)?.lines().next()?;
    let words = comment(line)?.trim_start_matches('#').trim();
    (!words.is_empty()).then_some(words)
}
