use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::diag::{Applicability, FileReport, Finding, Fix, Problem, RunReport, Saving, Severity};
use crate::text::{Position, Span};

use super::fingerprint::{Prints, line_hashes};
use super::json::to_writer;
use super::place::Places;
use super::repository::RepositoryPaths;
use super::{Rules, message_from_top};

/// What the paths of a log are relative to: the top of the repository, as other tools call it.
const ROOT: &str = "%SRCROOT%";

/// SARIF 2.1.0 (OASIS), with what code scanning asks for beyond it. Always one run.
pub(super) fn write(
    out: &mut dyn Write,
    report: &RunReport,
    rules: &Rules<'_>,
    paths: &RepositoryPaths,
) -> io::Result<()> {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Log<'a> {
        #[serde(rename = "$schema")]
        schema: &'static str,
        version: &'static str,
        runs: [Run<'a>; 1],
    }
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Run<'a> {
        tool: Tool<'a>,
        invocations: [Invocation; 1],
        /// Where the root is stays open: a log is the same on each machine, and says nothing of its folders.
        original_uri_base_ids: BTreeMap<&'static str, Base>,
        column_kind: &'static str,
        results: Results<'a>,
    }
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Invocation {
        execution_successful: bool,
        tool_execution_notifications: Vec<Notification>,
    }
    #[derive(serde::Serialize)]
    struct Base {
        description: Text<&'static str>,
    }
    let driver = Driver {
        name: "dlint",
        version: env!("CARGO_PKG_VERSION"),
        information_uri: rules.book.home(),
        rules: rules.names.iter().map(|name| Descriptor::of(name, rules)).collect(),
    };
    let invocation = Invocation {
        execution_successful: report.problems.is_empty(),
        tool_execution_notifications: report
            .problems
            .iter()
            .map(|problem| Notification::of("error", problem, paths))
            .chain(report.notes.iter().map(|note| Notification::of("note", note, paths)))
            .collect(),
    };
    let run = Run {
        tool: Tool { driver },
        invocations: [invocation],
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            Base { description: Text { text: "The top of the repository." } },
        )]),
        column_kind: "unicodeCodePoints",
        results: Results { report, rules, paths },
    };
    let schema = "https://json.schemastore.org/sarif-2.1.0.json";
    to_writer(out, &Log { schema, version: "2.1.0", runs: [run] })
}

#[derive(serde::Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'a str>,
    rules: Vec<Descriptor<'a>>,
}

#[derive(serde::Serialize)]
struct Text<T> {
    text: T,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    deprecated_ids: &'a [&'a str],
    short_description: Text<&'a str>,
    full_description: Text<&'a str>,
    help: Help<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    default_configuration: Configuration,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<RuleProperties<'a>>,
}

#[derive(serde::Serialize)]
struct Help<'a> {
    text: &'a str,
    markdown: &'a str,
}

#[derive(serde::Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(serde::Serialize)]
struct RuleProperties<'a> {
    category: &'a str,
    preset: &'a str,
    tags: [&'a str; 1],
    aliases: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<&'a str>,
    #[serde(rename = "problem.severity")]
    severity: &'static str,
    /// How far a finding can be trusted.
    precision: &'static str,
    /// Makes code scanning show high, medium or low in place of error, warning or note.
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    security_severity: Option<&'static str>,
}

impl<'a> Descriptor<'a> {
    fn of(name: &'a str, rules: &'a Rules<'_>) -> Self {
        let info = rules.get(name);
        // Code scanning takes no empty text.
        let or_name = |text: &'a str| if text.trim().is_empty() { name } else { text };
        let summary = or_name(info.map_or("", |info| info.summary));
        let doc = rules.book.page(name).filter(|page| !page.trim().is_empty()).unwrap_or(summary);
        Self {
            id: name,
            name: title(name),
            deprecated_ids: info.map_or(&[], |info| &info.renamed_from),
            short_description: Text { text: summary },
            full_description: Text { text: summary },
            help: Help { text: doc, markdown: doc },
            help_uri: info.and_then(|info| info.link.as_deref()),
            default_configuration: Configuration {
                level: info.map_or("warning", |info| level(info.severity)),
            },
            properties: info.map(|info| RuleProperties {
                category: info.category,
                preset: info.preset,
                tags: [info.category],
                aliases: &info.aliases,
                deprecated: info.deprecated.as_deref(),
                severity: match info.severity {
                    Severity::Info => "recommendation",
                    Severity::Warning => "warning",
                    Severity::Error => "error",
                },
                // A default rule is true wherever it speaks; a strict one may be a matter of taste.
                precision: if info.preset == "strict" { "medium" } else { "high" },
                security_severity: (info.category == "security").then_some(match info.severity {
                    Severity::Error => "8.0",
                    Severity::Warning => "5.5",
                    Severity::Info => "3.0",
                }),
            }),
        }
    }
}

/// The name of a rule as readers of SARIF show it: `CopyBeforeInstall` for `copy-before-install`. One that only
/// repeats the id is none.
fn title(name: &str) -> Option<String> {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    };
    let title: String = name.split(['-', ':']).map(word).collect();
    (!title.eq_ignore_ascii_case(name)).then_some(title)
}

/// Text on one line: readers cut a message at the end of its first.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

struct Results<'a> {
    report: &'a RunReport,
    rules: &'a Rules<'a>,
    paths: &'a RepositoryPaths,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let index: HashMap<&str, usize> = self.rules.names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
        let mut seq = serializer.serialize_seq(None)?;
        for file in self.report.files.iter().filter(|f| !f.findings.is_empty()) {
            let mut results = FileResults::of(file, self.paths);
            for finding in &file.findings {
                let rule = index.get(finding.rule.as_ref()).copied().unwrap_or_default();
                seq.serialize_element(&results.result(finding, rule))?;
            }
        }
        seq.end()
    }
}

/// Makes the results of one file.
struct FileResults<'a> {
    paths: &'a RepositoryPaths,
    artifact: ArtifactLocation,
    places: Places<'a>,
    lines: Vec<String>,
    prints: Prints,
}

impl<'a> FileResults<'a> {
    fn of(file: &'a FileReport, paths: &'a RepositoryPaths) -> Self {
        Self {
            paths,
            artifact: ArtifactLocation::of(paths.of(&file.path)),
            places: Places::new(&file.source),
            lines: line_hashes(file.source.text()),
            prints: Prints::default(),
        }
    }

    fn result<'f>(&mut self, finding: &'f Finding, rule_index: usize) -> ResultEntry<'f> {
        let span = self.places.visible(finding.span);
        let region = Region::of(self.places.span(span));
        let line = self.places.line(span.start);
        let printed = line as usize - 1;
        let (hash, count) = self.prints.of(&self.places, &finding.rule, line);
        let mut prints = BTreeMap::from([("dlint/v1", format!("{hash:016x}:{count}"))]);
        // A line that ends the text has no hash of its own; the one before stands for it.
        if let Some(hash) = self.lines.get(printed).or(self.lines.last()) {
            prints.insert("primaryLocationLineHash", hash.clone());
        }
        let label = |(id, label): (usize, &'f crate::diag::Label)| RelatedLocation {
            id,
            physical_location: self
                .location(Region::of((self.places.at(label.span.start), self.places.at(label.span.end)))),
            message: Text { text: &label.text },
        };
        let fix = finding.fix.iter().filter(|f| f.applicability != Applicability::Display);
        ResultEntry {
            rule_id: &finding.rule,
            rule_index,
            level: level(finding.severity),
            message: Text { text: one_line(&message_from_top(finding, self.paths)) },
            locations: [Location { physical_location: self.location(region) }],
            related_locations: finding.labels.iter().enumerate().map(label).collect(),
            partial_fingerprints: prints,
            fixes: fix.map(|fix| self.fix(fix)).collect(),
            properties: ResultProperties::of(finding),
        }
    }

    fn location(&self, region: Region) -> PhysicalLocation {
        PhysicalLocation { artifact_location: self.artifact.clone(), region: Some(region) }
    }

    fn fix<'f>(&self, fix: &'f Fix) -> FixEntry<'f> {
        let replacement = |edit: &'f crate::text::Edit| Replacement {
            deleted_region: Region::of((self.places.at(edit.span.start), self.places.at(edit.span.end))),
            inserted_content: Text { text: &edit.text },
        };
        FixEntry {
            description: Text { text: &fix.title },
            artifact_changes: [ArtifactChange {
                artifact_location: self.artifact.clone(),
                replacements: fix.edits.iter().map(replacement).collect(),
            }],
        }
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultEntry<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text<String>,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<RelatedLocation<'a>>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<ResultProperties<'a>>,
}

#[derive(serde::Serialize)]
struct ResultProperties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saving: Option<&'a Saving>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> ResultProperties<'a> {
    fn of(finding: &'a Finding) -> Option<Self> {
        let Finding { kind, saving, help, .. } = finding;
        let properties = Self { kind: *kind, saving: saving.as_ref(), help: help.as_deref() };
        (kind.is_some() || saving.is_some() || help.is_some()).then_some(properties)
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct RelatedLocation<'a> {
    id: usize,
    physical_location: PhysicalLocation,
    message: Text<&'a str>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

impl ArtifactLocation {
    fn of(path: &str) -> Self {
        let uri = uri(path);
        let uri_base_id = (!uri.starts_with("file:")).then_some(ROOT);
        Self { uri, uri_base_id }
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

impl Region {
    const fn of((start, end): (Position, Position)) -> Self {
        Self {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct FixEntry<'a> {
    description: Text<&'a str>,
    artifact_changes: [ArtifactChange<'a>; 1],
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<&'a str>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    level: &'static str,
    message: Text<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

impl Notification {
    fn of(level: &'static str, problem: &Problem, paths: &RepositoryPaths) -> Self {
        let text = match &problem.help {
            Some(help) => one_line(&format!("{}: {help}", problem.message)),
            None => one_line(&problem.message),
        };
        let region = |(source, span): &(_, Span)| Region::of(Places::new(source).span(*span));
        let location = problem.path.as_deref().map(|path| Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation::of(paths.of(path)),
                region: problem.place.as_ref().map(region),
            },
        });
        Self { level, message: Text { text }, locations: location.into_iter().collect() }
    }
}

/// A path as a URI (RFC 3986): relative, or `file:` if it is absolute.
fn uri(path: &str) -> String {
    use std::fmt::Write;
    let drive = matches!(path.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let path = if cfg!(windows) || drive { path.replace('\\', "/") } else { path.to_owned() };
    let mut rest = path.as_str();
    while let Some(relative) = rest.strip_prefix("./") {
        rest = relative.trim_start_matches('/');
    }
    let mut out = String::with_capacity(rest.len() + 8);
    if drive {
        out.push_str("file:///");
    } else if rest.starts_with('/') {
        out.push_str("file://");
    }
    for (at, byte) in rest.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) || (drive && at == 1) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uris() {
        for (path, want) in [
            ("./a/Dockerfile", "a/Dockerfile"),
            ("a b/소#%.x", "a%20b/%EC%86%8C%23%25.x"),
            ("/srv/x", "file:///srv/x"),
            ("C:\\x\\y", "file:///C:/x/y"),
            ("<stdin>", "%3Cstdin%3E"),
            ("a:b", "a%3Ab"),
            ("../x", "../x"),
        ] {
            assert_eq!(uri(path), want);
        }
    }
}
