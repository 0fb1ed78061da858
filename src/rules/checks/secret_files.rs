//! Secrets that COPY brings, as far as their names tell.

use crate::context::{SecretKind, SourceStatus, secret_by_name};
use crate::diag::Severity;
use crate::rules::Cx;
use crate::semantic::{CopyFrom, CopyUse, Model, SourceKind};
use crate::syntax::{Kind, Word};
use crate::text::Span;

use super::source::result;
use super::waste::{describe, is_for_tests};

/// Variables that tell programs in which file their credentials are.
const VARIABLES: [&str; 7] = [
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "KUBECONFIG",
    "NETRC",
    "PGPASSFILE",
];

/// `secret-file-copied`.
pub fn copied(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut variables = None;
    for copy in model.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.mount) {
        // What is there, `secret-in-context` has looked into.
        let seen = |s| result(model, copy, s).is_some_and(|r| r.status == SourceStatus::Found);
        if copy.sources.is_empty() || copy.sources.iter().any(seen) {
            continue;
        }
        let variables = variables.get_or_insert_with(|| file_variables(model));
        let source = of_source(copy);
        // Whoever has the repository has the keys of its tests and examples.
        if source.is_some_and(|(span, kind)| {
            matches!(kind, SecretKind::PrivateKey | SecretKind::KeyStore) && is_for_tests(model.text(span))
        }) {
            continue;
        }
        let is_settings = source.is_some_and(|(_, kind)| kind == SecretKind::Environment);
        let source = source.map(|(span, kind)| (span, describe(kind)));
        let Some((span, what)) = source.or_else(|| of_destination(model, copy, variables)) else {
            continue;
        };
        let in_image = model.stage_of(copy.step).is_some_and(|s| s.in_final_image);
        let effect = if in_image {
            "everyone who has the image can read it"
        } else {
            "it stays in the build cache, and a later COPY may take it into the image"
        };
        let mut finding = cx.at(span, format!("judging by its name, this file contains {what}: {effect}")).help(
            "mount it where it is needed: `RUN --mount=type=secret,id=NAME …` for a build, a volume for a container",
        );
        if !in_image || is_settings || is_for_tests(model.text(span)) {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        cx.report(finding);
    }
}

fn of_source(copy: &CopyUse) -> Option<(Span, SecretKind)> {
    copy.sources.iter().filter(|s| s.kind == SourceKind::Path).find_map(|source| {
        let kind = secret_by_name(source.value.known()?)?;
        Some((source.span, kind))
    })
}

/// The values of the variables that name files with credentials.
fn file_variables(model: &Model) -> Vec<&Word> {
    let pairs = model.instructions().flat_map(|(_, instruction)| match &instruction.kind {
        Kind::Env(pairs) => pairs.as_slice(),
        _ => &[],
    });
    let named = pairs.filter(|p| VARIABLES.contains(&&*p.key.text));
    named.filter_map(|p| p.value.as_ref()).filter(|w| !w.has_variables() && !w.text.is_empty()).collect()
}

fn of_destination(model: &Model, copy: &CopyUse, variables: &[&Word]) -> Option<(Span, &'static str)> {
    const WHAT: &str = "credentials";
    let (Kind::Copy(transfer) | Kind::Add(transfer)) = &model.instruction(copy.step).kind else {
        return None;
    };
    let word = transfer.destination.as_ref()?;
    let named = word.variables().is_ok_and(|v| {
        v.last().is_some_and(|v| {
            VARIABLES.contains(&&*v.name) && word.text[v.range.end..].trim_matches('"').is_empty()
        })
    });
    if named {
        return Some((word.span, WHAT));
    }
    let path = copy.destination.known()?;
    let kind = secret_by_name(path.trim_start_matches('/'));
    // What becomes a `.env` is often an example of one.
    if let Some(kind) = kind.filter(|kind| *kind != SecretKind::Environment) {
        return Some((word.span, describe(kind)));
    }
    let is_it = |file: &&&Word| file.literal().is_some_and(|f| copy.brings(&f));
    variables.iter().find(is_it).map(|_| (word.span, WHAT))
}
