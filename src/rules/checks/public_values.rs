//! Values that sound like secrets, and are there to be seen.

use std::collections::HashSet;

use crate::knowledge::BROWSER_VARIABLES;
use crate::semantic::Model;
use crate::syntax::Instruction;

/// True for the name of a variable that is there to be put into pages: `VITE_API_KEY`, `STRIPE_PUBLISHABLE_KEY`, and the
/// site key of a captcha.
pub(super) fn is_for_browsers(name: &str) -> bool {
    let parts: Vec<String> = name.split('_').map(str::to_ascii_uppercase).collect();
    BROWSER_VARIABLES.iter().any(|prefix| name.starts_with(prefix))
        || parts.iter().any(|part| part == "PUBLISHABLE")
        || counts_visits(&parts)
        || parts.windows(2).any(|pair| pair == ["SITE", "KEY"])
}

/// True for the key of a project with which a service that counts visits and faults takes in reports: `POSTHOG_KEY`. Who
/// has it can only write.
fn counts_visits(parts: &[String]) -> bool {
    let services = ["AMPLITUDE", "ANALYTICS", "MIXPANEL", "POSTHOG", "SEGMENT", "SENTRY", "TELEMETRY"];
    let others = ["ADMIN", "AUTH", "PERSONAL", "PRIVATE", "SECRET", "READ"];
    parts.iter().any(|part| services.contains(&&**part))
        && !parts.iter().any(|part| others.contains(&&**part))
        && parts.last().is_some_and(|last| matches!(&**last, "KEY" | "TOKEN" | "DSN"))
}

/// The variables that the text sets variables for browsers to: `MAPS_KEY` for `VITE_MAPS_KEY=${MAPS_KEY}`.
pub(super) fn given_to_browsers(text: &str) -> HashSet<&str> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let given = text.match_indices('$').filter_map(|(at, _)| {
        let before = text.get(..at)?.trim_end_matches('"').strip_suffix('=')?;
        let start = before.rfind(|c| !is_of_name(c)).map_or(0, |end| end + 1);
        let name = text.get(at + 1..)?.trim_start_matches('{');
        let end = name.find(|c| !is_of_name(c)).unwrap_or(name.len());
        before.get(start..).filter(|target| is_for_browsers(target)).and(name.get(..end))
    });
    given.collect()
}

/// True if the comment right above an instruction, or above the ARG and ENV that it stands with, says that the value is
/// meant to be seen: `# baked into the image at build time`.
pub(super) fn is_said_public(model: &Model, instruction: &Instruction) -> bool {
    let above = model.file.text().get(..instruction.span.range().start).unwrap_or_default();
    let lines = above.lines().rev().map(str::trim_start).take(MAX_LINES);
    let of_group = |line: &&str| {
        let word = line.split_whitespace().next().unwrap_or_default();
        line.starts_with('#') || word.eq_ignore_ascii_case("ARG") || word.eq_ignore_ascii_case("ENV")
    };
    let mut comments = lines.take_while(of_group).filter(|line| line.starts_with('#'));
    comments.any(|line| {
        let line = line.to_ascii_lowercase();
        SAID_PUBLIC.iter().any(|words| line.contains(words))
            && !["not public", "never", "do not", "don't"].iter().any(|words| line.contains(words))
    })
}

/// The most lines above a variable that are looked at.
const MAX_LINES: usize = 12;

/// What comments say of values that are no secrets, in lower case.
const SAID_PUBLIC: [&str; 8] = [
    "baked in",
    "client-side",
    "is public",
    "no secret",
    "not a secret",
    "public key",
    "safe to expose",
    "write-only",
];
