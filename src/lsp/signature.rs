//! How the instruction at a place is written, and which part of it is being written.

use crate::syntax::{DirectiveKind, File, Keyword};

use super::cursor::{Cursor, Written};
use super::document::Read;
use super::protocol::{
    ActiveParameter, Documentation, ParameterInformation, ParameterInformationLabel, SignatureHelp,
    SignatureInformation,
};
use super::reference;

/// One way to write an instruction, and its parts.
struct Form {
    label: String,
    parts: Vec<String>,
    active: usize,
    text: &'static str,
}

/// What is written at byte `at`.
pub(super) fn help(read: &Read, at: u32) -> Option<SignatureHelp> {
    let form = form(&read.file, at)?;
    let active = Some(ActiveParameter::from(u32::try_from(form.active).unwrap_or(0)));
    let parts = form.parts.into_iter().map(|part| ParameterInformation {
        label: ParameterInformationLabel::String(part),
        documentation: None,
    });
    let signature = SignatureInformation {
        parameters: Some(parts.collect()),
        documentation: (!form.text.is_empty()).then(|| Documentation::String(form.text.to_owned())),
        label: form.label,
        active_parameter: None,
    };
    Some(SignatureHelp { signatures: vec![signature], active_signature: Some(0), active_parameter: active })
}

fn form(file: &File, at: u32) -> Option<Form> {
    match Cursor::at(file, at) {
        Cursor::Comment(_) => directive(file, at),
        Cursor::Heredoc => None,
        Cursor::Instruction(written) => instruction(&written),
    }
}

fn directive(file: &File, at: u32) -> Option<Form> {
    let before = &file.text()[..at as usize];
    let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let above = before[..line].lines().all(|line| line.starts_with('#') && line.contains('='));
    let (name, _) = before[line..].strip_prefix('#')?.split_once('=')?;
    let (kind, value) = match &*name.trim().to_ascii_lowercase() {
        "escape" => (DirectiveKind::Escape, "`"),
        "syntax" => (DirectiveKind::Syntax, "docker/dockerfile:1"),
        "check" => (DirectiveKind::Check, "skip=all"),
        _ => return None,
    };
    let label = format!("{}={value}", kind.name());
    above.then(|| Form { label, parts: vec![value.to_owned()], active: 0, text: reference::directive(kind) })
}

fn instruction(written: &Written) -> Option<Form> {
    let keyword = match written.keyword() {
        None if written.trigger => Keyword::Onbuild,
        keyword => keyword?,
    };
    let operands = written.operands();
    if operands.is_empty()
        && let Some((name, _)) = written.word.strip_prefix("--").and_then(|flag| flag.split_once('='))
        && let Some(text) = reference::flag(keyword, name)
    {
        let value = example(name);
        let before = if keyword == Keyword::Healthcheck { "HEALTHCHECK " } else { "" };
        let label = format!("{before}--{name}={value}");
        return Some(Form { label, parts: vec![value.to_owned()], active: 0, text });
    }
    if is_complete(keyword, operands, &written.word) {
        return None;
    }
    let known = reference::instruction(keyword)?;
    let label = match (keyword, operands.first().unwrap_or(&written.word)) {
        (Keyword::Healthcheck, word) if word.to_ascii_uppercase().starts_with('N') => "HEALTHCHECK NONE",
        _ => known.form,
    };
    let parts: Vec<String> = label.split(' ').skip(1).map(str::to_owned).collect();
    let flags =
        usize::from(parts.first().is_some_and(|part| part.starts_with("[FLAGS") || part.starts_with("[--")));
    let writes_flag = operands.is_empty() && written.word.starts_with("--");
    let active = if writes_flag { 0 } else { flags + operands.len() };
    let active = active.min(parts.len().saturating_sub(1));
    Some(Form { label: label.to_owned(), parts, active, text: known.text })
}

/// True behind all that can be written.
fn is_complete(keyword: Keyword, operands: &[String], word: &str) -> bool {
    match (keyword, operands) {
        (Keyword::From, [_, _, _, ..]) => true,
        (Keyword::Healthcheck, [first, ..]) => first.eq_ignore_ascii_case("NONE"),
        (Keyword::Shell, [.., last]) => word.is_empty() && last.ends_with(']'),
        _ => false,
    }
}

/// A value of a flag.
fn example(name: &str) -> &'static str {
    match name {
        "from" => "STAGE",
        "chown" => "USER:GROUP",
        "chmod" => "MODE",
        "mount" => "type=TYPE,target=PATH",
        "platform" => "PLATFORM",
        "network" => "NETWORK",
        "security" => "MODE",
        "checksum" => "sha256:DIGEST",
        "exclude" => "PATTERN",
        "device" => "NAME",
        "retries" => "3",
        "interval" | "timeout" => "30s",
        "start-period" | "start-interval" => "5s",
        _ => "true",
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    /// The label and the active part where `|` stands.
    fn shown(text: &str) -> String {
        let (before, after) = text.split_once('|').unwrap();
        let read = read(&format!("{before}{after}"));
        let form = form(&read.file, u32::try_from(before.len()).unwrap());
        form.map_or_else(String::new, |form| format!("{}: {}", form.label, form.parts[form.active]))
    }

    #[test]
    fn the_part_that_is_written_is_shown() {
        for (text, want) in [
            ("FROM|", ""),
            ("FROM |", "FROM [--platform=PLATFORM] IMAGE [AS NAME]: IMAGE"),
            ("FROM a\nCOPY --from=b x |y", "COPY [FLAGS] SOURCE\u{2026} DESTINATION: DESTINATION"),
            ("FROM a\nCOPY --fr|", "COPY [FLAGS] SOURCE\u{2026} DESTINATION: [FLAGS]"),
            ("FROM a\nCOPY --from=|", "--from=STAGE: STAGE"),
            ("FROM a\nHEALTHCHECK none|", "HEALTHCHECK NONE: NONE"),
            ("FROM a\nHEALTHCHECK --retries=|", "HEALTHCHECK --retries=3: 3"),
            ("FROM a\nONBUILD |", "ONBUILD INSTRUCTION: INSTRUCTION"),
            ("FROM a\nONBUILD USER |", "USER NAME[:GROUP]: NAME[:GROUP]"),
            ("FROM a AS b |", ""),
            ("FROM a\nHEALTHCHECK NONE |", ""),
            ("FROM a\nSHELL [\"sh\"] |", ""),
            ("# escape=|", "escape=`: `"),
            ("# hello=|", ""),
            ("FROM a\nNO |", ""),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }
}
