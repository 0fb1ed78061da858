//! Values that BuildKit refuses when it carries an instruction out: ports, signals, image references
//! (`frontend/dockerfile/dockerfile2llb`). Only values without variables are judged.

use std::collections::HashSet;

use super::ast::{CommandForm, Instruction, Kind, Transfer};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::image::{ImageRef, ImageRefError};
use super::mount::MountType;
use super::port::PortWord;
use super::signal;
use super::word::{self, Word};
use crate::text::Span;

/// The names of stages, in lower case.
pub(super) struct Names {
    /// All of the file.
    pub(super) all: HashSet<String>,
    /// Those of the stages above.
    pub(super) above: HashSet<String>,
}

/// Checks the values of one instruction.
pub(super) fn values(instruction: &Instruction, names: &Names, errors: &mut Vec<SyntaxError>) {
    match &instruction.kind {
        Kind::Expose(ports) => errors.extend(ports.iter().flat_map(PortWord::faults)),
        Kind::Stopsignal(Some(word)) => errors.extend(signal::fault(instruction, word)),
        Kind::From(from) => {
            // A template that holds blanks is one fault, which the words behind it have been named for.
            let is_cut = |w: &&Word| {
                w.text.contains("{{") && from.alias.is_none() && instruction.arguments_text().contains(' ')
            };
            if let Some(word) = from.image.as_ref().filter(|w| !is_cut(w)) {
                match stage_in_capitals(word, &names.above) {
                    Some(error) => errors.push(error),
                    None => reference(word, &names.above, errors),
                }
            }
        }
        Kind::Run(CommandForm::Exec(exec)) if exec.items.is_empty() => {
            let message = "RUN needs a command, and this array is empty";
            errors.push(
                SyntaxError::new(SyntaxErrorKind::MissingArgument, instruction.arguments, message)
                    .help("write a command, for example `RUN [\"make\"]`, or remove the line"),
            );
        }
        Kind::Copy(_) => {
            let from = instruction.flag("from").and_then(|f| f.word(word::Escape::Backslash));
            if let Some(word) = from.filter(|w| !w.text.is_empty() && w.text.parse::<i64>().is_err()) {
                reference(&word, &names.all, errors);
            }
        }
        Kind::Add(transfer) => errors.extend(checksum(instruction, transfer)),
        Kind::Run(_) => {
            for mount in &instruction.mounts {
                let from = mount.options.iter().find(|o| &*o.key == "from");
                let word = from.and_then(|o| o.value_word()).filter(|w| !w.text.is_empty());
                if let Some(word) = word.filter(|_| mount.kind != MountType::Unknown) {
                    reference(&word, &names.all, errors);
                }
            }
        }
        _ => {}
    }
}

/// `ADD --checksum` is for one download.
fn checksum(instruction: &Instruction, transfer: &Transfer) -> Option<SyntaxError> {
    let flag = instruction.flag("checksum").filter(|f| f.value.as_deref().is_some_and(|v| !v.is_empty()))?;
    let mut paths = transfer.paths();
    let message = match (paths.next(), paths.next()) {
        (Some(source), None) => {
            let source = source.literal()?;
            // A repository may be written in many ways, all of which have one of these.
            let remote = [":", "@", ".git"].iter().any(|mark| source.contains(mark));
            (!remote)
                .then_some("a checksum is for a download, and this source is a file of the build context")?
        }
        _ => "a checksum is for one source, and this ADD has not just one",
    };
    Some(
        SyntaxError::new(SyntaxErrorKind::InvalidFlagValue, flag.span, message)
            .help("add the download by an instruction of its own, and remove the flag from others"),
    )
}

/// BuildKit keeps the names of stages in lower case, and looks for a FROM as it is written.
fn stage_in_capitals(word: &Word, stages: &HashSet<String>) -> Option<SyntaxError> {
    let name = word.literal()?;
    let lower = name.to_ascii_lowercase();
    let differs = *name != *lower && stages.contains(&lower);
    differs.then(|| {
        let message = format!("BuildKit finds no stage `{name}`: FROM has to name a stage in lower case");
        SyntaxError::new(SyntaxErrorKind::InvalidReference, word.span, message).meant(&lower)
    })
}

fn reference(word: &Word, stages: &HashSet<String>, errors: &mut Vec<SyntaxError>) {
    let Some(name) = word.literal() else { return };
    if name == "scratch" || stages.contains(&name.to_ascii_lowercase()) {
        return;
    }
    let Err(error) = ImageRef::parse(&name) else { return };
    let help = match error {
        _ if name.contains("{{") => "this looks like a template: check what it renders to",
        ImageRefError::Empty => "name an image, for example `debian:12`",
        ImageRefError::Uppercase => "write it in lower case",
        ImageRefError::Tag => {
            "a tag has up to 128 letters, digits, `_`, `.` and `-`, and does not start with `.` or `-`"
        }
        ImageRefError::Digest => "a digest is `sha256:` and 64 hexadecimal digits",
        ImageRefError::Format => "an image is `registry/path:tag`, for example `ghcr.io/example/app:1.0`",
    };
    let span = if *name == *word.text { part(word, error) } else { word.span };
    errors.push(
        SyntaxError::new(SyntaxErrorKind::InvalidReference, span, format!("`{}`: {error}", shown(&name)))
            .help(help),
    );
}

/// The tag or digest at fault; all of the reference if that is empty.
fn part(word: &Word, error: ImageRefError) -> Span {
    let text = &*word.text;
    let name_end = text.find('@').unwrap_or(text.len());
    let range = match error {
        ImageRefError::Tag => {
            let slash = text[..name_end].rfind('/').map_or(0, |i| i + 1);
            text[slash..name_end].find(':').map(|i| slash + i + 1..name_end)
        }
        ImageRefError::Digest => Some((name_end + 1).min(text.len())..text.len()),
        _ => None,
    };
    range.filter(|r| !r.is_empty()).map_or(word.span, |r| word.part(r))
}

/// Values in messages are short.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse;
    use crate::text::Source;

    /// The texts at fault.
    fn faults(line: &str) -> Vec<String> {
        let text = format!("FROM debian:12 AS Base\n{line}\n");
        let file = parse(Source::from_text("Dockerfile", text.clone()));
        file.errors.iter().map(|e| e.span.text(&text).to_owned()).collect()
    }

    #[test]
    fn ports_follow_buildkit() {
        for good in [
            "8080",
            "8000-8010/tcp",
            "53/UDP",
            "80:8080",
            "127.0.0.1:80:8080",
            "[::1]:80:8080",
            "8000-8010:80",
            "8080/",
            "$PORT",
            "${PORT}/tcp",
            "\"80\"",
            "0",
        ] {
            assert_eq!(faults(&format!("EXPOSE {good}")), [""; 0], "{good}");
        }
        for (bad, want) in [
            ("a", "a"),
            ("80 65536", "65536"),
            ("8000-", "8000-"),
            ("9-8", "9-8"),
            ("80/tcpx", "tcpx"),
            ("\"80/tcpx\"", "\"80/tcpx\""),
            ("1.2.3:80:81", "1.2.3"),
            ("x:80", "x"),
            ("1-2:1-3", "1-2:1-3"),
            ("/tcp", "/tcp"),
        ] {
            assert_eq!(faults(&format!("EXPOSE {bad}")), [want], "{bad}");
        }
        // It is checked where the trigger runs.
        assert_eq!(faults("ONBUILD EXPOSE a"), [""; 0]);
    }

    #[test]
    fn signals_follow_buildkit() {
        for good in ["9", "SIGTERM", "term", "SIGRTMIN+3", "RTMAX-14", "$SIGNAL", "\"SIGINT\""] {
            assert_eq!(faults(&format!("STOPSIGNAL {good}")), [""; 0], "{good}");
        }
        for (bad, want) in
            [("0", "0"), ("SIGTREM", "SIGTREM"), ("RTMIN+16", "RTMIN+16"), ("SIGINT now", "now")]
        {
            assert_eq!(faults(&format!("STOPSIGNAL {bad}")), [want], "{bad}");
        }
    }

    #[test]
    fn an_empty_array_is_no_command() {
        assert_eq!(faults("RUN []"), ["[]"]);
        assert_eq!(faults("RUN [\"a\"]"), [""; 0]);
        assert_eq!(faults("CMD []"), [""; 0]);
    }

    #[test]
    fn a_template_in_pieces_is_one_fault() {
        assert_eq!(faults("FROM debian:{{ .version }}"), [".version"]);
        assert_eq!(faults("FROM debian:{{.version}}"), ["{{.version}}"]);
        assert_eq!(faults("FROM debian:{{.version}} AS b"), ["{{.version}}"]);
    }

    #[test]
    fn references_follow_buildkit() {
        for good in ["scratch", "base", "ghcr.io/a/b:1", "$IMAGE", "${IMAGE}:1", "\"debian:12\""] {
            assert_eq!(faults(&format!("FROM {good}")), [""; 0], "{good}");
        }
        for (bad, want) in [
            (":tag", ":tag"),
            // The name of a stage is kept in lower case, and FROM is looked up as written.
            ("BASE", "BASE"),
            ("Debian", "Debian"),
            ("debian:", "debian:"),
            ("a.io:5000/x:-1", "-1"),
            ("debian@sha256:12", "sha256:12"),
            ("debian@", "debian@"),
            ("a//b", "a//b"),
        ] {
            assert_eq!(faults(&format!("FROM {bad}")), [want], "{bad}");
        }
    }
}
