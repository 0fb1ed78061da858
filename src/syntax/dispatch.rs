//! Values that BuildKit refuses when it carries an instruction out: ports, signals, image references
//! (`frontend/dockerfile/dockerfile2llb`). Only values without variables are judged.

use std::collections::HashSet;
use std::net::IpAddr;

use super::ast::{Instruction, Kind, Transfer};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::image::{ImageRef, ImageRefError};
use super::mount::MountType;
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
        Kind::Expose(words) => words.iter().for_each(|w| errors.extend(port_faults(w))),
        Kind::Stopsignal(Some(word)) => signal(instruction, word, errors),
        Kind::From(from) => {
            // A template that holds blanks is one fault, which the words behind it have been named for.
            let is_cut = |w: &&Word| {
                w.text.contains("{{") && from.alias.is_none() && instruction.arguments_text().contains(' ')
            };
            if let Some(word) = from.image.as_ref().filter(|w| !is_cut(w)) {
                reference(word, &names.above, errors);
            }
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
            "a tag holds up to 128 letters, digits, `_`, `.` and `-`, and starts with no `.` or `-`"
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

/// What is wrong with the ports of a word of EXPOSE that holds no variables.
#[must_use]
pub fn port_faults(word: &Word) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    let Some(value) = word.literal() else { return errors };
    for port in value.split_whitespace() {
        let Some(fault) = port_fault(port) else { continue };
        let at = word.text.rfind(fault.part).filter(|_| *value == *word.text && !fault.part.is_empty());
        let span = at.map_or(word.span, |at| word.part(at..at + fault.part.len()));
        let error = SyntaxError::new(fault.kind, span, fault.message);
        let near = crate::text::nearest(fault.part, PROTOCOLS);
        errors.push(match near.filter(|_| fault.kind == SyntaxErrorKind::InvalidProtocol) {
            Some(near) => error.meant(near),
            None => error.help("for example `8080`, `8000-8010` or `53/udp`"),
        });
    }
    errors
}

const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// What is wrong with a port, and with which part of it.
struct PortFault<'a> {
    kind: SyntaxErrorKind,
    message: String,
    part: &'a str,
}

/// What is wrong with a port of EXPOSE; `None` if BuildKit takes it.
#[must_use]
pub fn port_error(port: &str) -> Option<SyntaxErrorKind> {
    port_fault(port).map(|fault| fault.kind)
}

/// What is wrong with a port (`dockerfile2llb/convert_expose.go`). What stands behind the protocol and
/// another `/` was dropped by BuildKit for long, and is no fault here.
fn port_fault(port: &str) -> Option<PortFault<'_>> {
    let fault = |message, part| Some(PortFault { kind: SyntaxErrorKind::InvalidPort, message, part });
    let (address, container) = port.rsplit_once(':').unwrap_or(("", port));
    let mut halves = container.split('/');
    let numbers = halves.next().unwrap_or("");
    let protocol = halves.next().filter(|p| !p.is_empty()).unwrap_or("tcp");
    let (ip, host) = address.rsplit_once(':').unwrap_or(("", address));
    if numbers.is_empty() {
        return fault(format!("`{}` has no port", shown(port)), port);
    }
    let Some(range) = port_range(numbers) else {
        return fault(no_port(numbers), numbers);
    };
    if !PROTOCOLS.iter().any(|p| p.eq_ignore_ascii_case(protocol)) {
        let message = format!("`{}` is no protocol: it is `tcp`, `udp` or `sctp`", shown(protocol));
        return Some(PortFault { kind: SyntaxErrorKind::InvalidProtocol, message, part: protocol });
    }
    let bare = ip.strip_prefix('[').and_then(|i| i.strip_suffix(']')).unwrap_or(ip);
    if !ip.is_empty() && bare.parse::<IpAddr>().is_err() {
        return fault(format!("`{}` is no IP address", shown(ip)), ip);
    }
    if host.is_empty() {
        return None;
    }
    let Some(outside) = port_range(host) else {
        return fault(no_port(host), host);
    };
    // A range of host ports may serve one port of the container.
    let differs = outside.1 - outside.0 != range.1 - range.0 && range.0 != range.1;
    if differs { fault("the two ranges of ports have different lengths".to_owned(), port) } else { None }
}

/// Why a text is no port and no range of ports.
fn no_port(text: &str) -> String {
    let is_number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let text_shown = shown(text);
    if text.split('-').any(|t| is_number(t) && t.parse::<u16>().is_err()) {
        format!("`{text_shown}` is no port: the last one is 65535")
    } else if text.split('-').all(is_number) {
        format!("`{text_shown}` is no range of ports: it ends before it starts")
    } else {
        format!(
            "`{text_shown}` is no port: it is a number or a range, with nothing else but `/tcp` or `/udp`"
        )
    }
}

/// The first and last port of the container that a port of EXPOSE names; `None` if it is none.
#[must_use]
pub fn container_ports(port: &str) -> Option<(u16, u16)> {
    let container = port.rsplit_once(':').map_or(port, |(_, c)| c);
    port_range(container.split('/').next()?)
}

fn port_range(text: &str) -> Option<(u16, u16)> {
    let number = |t: &str| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse::<u16>().ok())?;
    let mut ends = text.split('-');
    let first = number(ends.next()?)?;
    let last = ends.next().map_or(Some(first), number)?;
    (first <= last).then_some((first, last))
}

/// The signals of Linux, without `SIG`.
const SIGNALS: [&str; 35] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
    "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN",
];

/// `signal.ParseSignal` of moby/sys.
fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let offset = |rest: Option<&str>, most| {
        rest.is_some_and(|n| n.parse().is_ok_and(|n: u32| (1..=most).contains(&n) && n.to_string().len() < 3))
    };
    SIGNALS.contains(&name)
        || name == "RTMAX"
        || offset(name.strip_prefix("RTMIN+"), 15)
        || offset(name.strip_prefix("RTMAX-"), 14)
}

fn signal(instruction: &Instruction, word: &Word, errors: &mut Vec<SyntaxError>) {
    let Some(value) = word.literal() else { return };
    if is_signal(&value) {
        return;
    }
    let text = &*word.text;
    let first = text.find(char::is_whitespace).unwrap_or(text.len());
    if first < text.len() && is_signal(&text[..first]) {
        let extra = text.len() - text[first..].trim_start().len();
        // The word is all of the arguments, so that continuations in it do not blur the place.
        let at = instruction.arguments_at;
        let span = instruction.logical.span(at + extra..at + text.len());
        let error = SyntaxError::new(SyntaxErrorKind::ExtraArgument, span, "STOPSIGNAL takes one signal");
        return errors.push(error.help("comments start on a line of their own"));
    }
    let error = SyntaxError::new(
        SyntaxErrorKind::InvalidSignal,
        word.span,
        format!("`{}` is no signal", shown(&value)),
    );
    let upper = value.to_ascii_uppercase();
    errors.push(match crate::text::nearest(upper.trim_start_matches("SIG"), SIGNALS) {
        Some(near) => error.meant(&format!("SIG{near}")),
        None => error.help("write a name or a number, for example `SIGTERM`"),
    });
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
    fn a_template_in_pieces_is_one_fault() {
        assert_eq!(faults("FROM debian:{{ .version }}"), [".version"]);
        assert_eq!(faults("FROM debian:{{.version}}"), ["{{.version}}"]);
        assert_eq!(faults("FROM debian:{{.version}} AS b"), ["{{.version}}"]);
    }

    #[test]
    fn references_follow_buildkit() {
        for good in ["scratch", "base", "BASE", "ghcr.io/a/b:1", "$IMAGE", "${IMAGE}:1", "\"debian:12\""] {
            assert_eq!(faults(&format!("FROM {good}")), [""; 0], "{good}");
        }
        for (bad, want) in [
            (":tag", ":tag"),
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
