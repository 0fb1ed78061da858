//! The ports of EXPOSE (BuildKit's `dockerfile2llb/convert_expose.go`).

use std::net::IpAddr;
use std::ops::Range;

use super::error::{SyntaxError, SyntaxErrorKind};
use super::word::Word;
use crate::text::Span;

/// What a port speaks. BuildKit takes them in any case.
const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// A word of EXPOSE: `[HOST:]PORT[/PROTOCOL]`. A variable in it may stand for several.
#[derive(Debug, Clone)]
pub struct PortWord {
    /// All of it.
    pub word: Word,
    /// Its parts, by range of the word's text; `None` where quotes and escapes move things.
    parts: Option<Parts>,
}

#[derive(Debug, Clone)]
struct Parts {
    host: Option<Range<usize>>,
    container: Range<usize>,
    protocol: Option<Range<usize>>,
    rest: Option<Range<usize>>,
}

/// A part of a word as it is written, variables included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordPart<'a> {
    /// The text with continuations removed.
    pub text: &'a str,
    /// Where it stands; the whole word if a continuation cuts that.
    pub span: Span,
}

impl PortWord {
    pub(super) fn new(word: Word) -> Self {
        let parts = Parts::of(&word);
        Self { word, parts }
    }

    fn part(&self, choose: impl Fn(&Parts) -> Option<Range<usize>>) -> Option<WordPart<'_>> {
        let range = choose(self.parts.as_ref()?)?;
        Some(WordPart { text: self.word.text.get(range.clone())?, span: self.word.part(range) })
    }

    /// Address and port of the host, without the colon behind them.
    #[must_use]
    pub fn host(&self) -> Option<WordPart<'_>> {
        self.part(|p| p.host.clone())
    }

    /// The container's port or range of ports, with the protocol; it may be empty.
    #[must_use]
    pub fn container(&self) -> Option<WordPart<'_>> {
        self.part(|p| Some(p.container.clone()))
    }

    /// What stands behind the first `/`.
    #[must_use]
    pub fn protocol(&self) -> Option<WordPart<'_>> {
        self.part(|p| p.protocol.clone())
    }

    /// What follows the protocol, from the second `/` on.
    #[must_use]
    pub fn rest(&self) -> Option<WordPart<'_>> {
        self.part(|p| p.rest.clone())
    }

    /// Why BuildKit refuses the word, if it holds no variables.
    #[must_use]
    pub fn faults(&self) -> Vec<SyntaxError> {
        let word = &self.word;
        let Some(value) = word.literal() else { return Vec::new() };
        let faults = ports(&value).filter_map(Result::err);
        faults.map(|fault| fault.error(word, *value == *word.text)).collect()
    }
}

impl Parts {
    fn of(word: &Word) -> Option<Self> {
        let text = &*word.text;
        if text.contains(['"', '\'', word.escape.char()]) {
            return None;
        }
        let variables = word.variables().ok()?;
        let outside = |at: &usize| !variables.iter().any(|v| v.range.contains(at));
        let colon = text.rmatch_indices(':').map(|(at, _)| at).find(outside);
        let start = colon.map_or(0, |at| at + 1);
        let mut slashes = text.match_indices('/').map(|(at, _)| at).filter(|at| *at >= start && outside(at));
        let (first, second) = (slashes.next(), slashes.next());
        let end = text.len();
        Some(Self {
            host: colon.map(|at| 0..at),
            container: start..end,
            protocol: first.map(|at| at + 1..second.unwrap_or(end)),
            rest: second.map(|at| at..end),
        })
    }
}

/// A port of EXPOSE that BuildKit takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port<'a> {
    /// Address and port of the host, which EXPOSE has no use for.
    pub host: Option<&'a str>,
    /// The first and the last port of the container.
    pub range: (u16, u16),
    /// The protocol as written; `None` is TCP.
    pub protocol: Option<&'a str>,
}

/// What is wrong with a port, and with which part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortFault<'a> {
    /// The kind of fault.
    pub kind: SyntaxErrorKind,
    /// The whole port.
    pub port: &'a str,
    message: String,
    part: &'a str,
}

impl PortFault<'_> {
    /// The fault in a word; `plain` if that has neither quotes nor escapes.
    fn error(self, word: &Word, plain: bool) -> SyntaxError {
        let at = word.text.rfind(self.part).filter(|_| plain && !self.part.is_empty());
        let span = at.map_or(word.span, |at| word.part(at..at + self.part.len()));
        let near = crate::text::nearest(self.part, PROTOCOLS);
        let near = near.filter(|_| self.kind == SyntaxErrorKind::InvalidProtocol);
        let error = SyntaxError::new(self.kind, span, self.message);
        match near {
            Some(near) => error.meant(near),
            None => error.help("for example `8080`, `8000-8010` or `53/udp`"),
        }
    }
}

/// The ports that a value names, with blanks between them.
pub fn ports(value: &str) -> impl Iterator<Item = Result<Port<'_>, PortFault<'_>>> {
    value.split_whitespace().map(read)
}

/// Reads one port. What stands behind the protocol and another `/` was dropped by BuildKit for long, and is no
/// fault here.
fn read(port: &str) -> Result<Port<'_>, PortFault<'_>> {
    let invalid = |message, part| PortFault { kind: SyntaxErrorKind::InvalidPort, port, message, part };
    let (outside, container) = port.rsplit_once(':').map_or((None, port), |(o, c)| (Some(o), c));
    let mut halves = container.split('/');
    let numbers = halves.next().unwrap_or("");
    let protocol = halves.next().filter(|p| !p.is_empty());
    let address = outside.unwrap_or("");
    let (ip, host) = address.rsplit_once(':').unwrap_or(("", address));
    if numbers.is_empty() {
        return Err(invalid(format!("`{}` has no port", shown(port)), port));
    }
    let range = range(numbers).ok_or_else(|| invalid(no_port(numbers), numbers))?;
    if let Some(part) = protocol.filter(|p| !PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(p))) {
        let message = format!("`{}` is not a protocol: write `tcp`, `udp` or `sctp`", shown(part));
        return Err(PortFault { kind: SyntaxErrorKind::InvalidProtocol, port, message, part });
    }
    let bare = ip.strip_prefix('[').and_then(|i| i.strip_suffix(']')).unwrap_or(ip);
    if !ip.is_empty() && bare.parse::<IpAddr>().is_err() {
        return Err(invalid(format!("`{}` is not an IP address", shown(ip)), ip));
    }
    if !host.is_empty() {
        let outer = self::range(host).ok_or_else(|| invalid(no_port(host), host))?;
        // A range of host ports may serve one port of the container.
        if outer.1 - outer.0 != range.1 - range.0 && range.0 != range.1 {
            return Err(invalid("the two ranges of ports have different lengths".to_owned(), port));
        }
    }
    Ok(Port { host: outside, range, protocol })
}

/// Why a text is no port and no range of ports.
fn no_port(text: &str) -> String {
    let is_number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let text_shown = shown(text);
    if text.split('-').any(|t| is_number(t) && t.parse::<u16>().is_err()) {
        format!("`{text_shown}` is not a valid port: the highest is 65535")
    } else if text.split('-').all(is_number) {
        format!("`{text_shown}` is not a valid range of ports: it ends before it starts")
    } else {
        format!(
            "`{text_shown}` is not a valid port: write a number or a range, optionally with `/tcp` or `/udp`"
        )
    }
}

fn range(text: &str) -> Option<(u16, u16)> {
    let number = |t: &str| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse::<u16>().ok())?;
    let mut ends = text.split('-');
    let first = number(ends.next()?)?;
    let last = ends.next().map_or(Some(first), number)?;
    (first <= last).then_some((first, last))
}

/// Values in messages are short.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Kind, parse};
    use crate::text::Source;

    #[test]
    fn a_word_has_its_parts() {
        for (word, host, container, protocol, rest) in [
            ("80", "-", "80", "-", "-"),
            ("8080:80/TCP", "8080", "80/TCP", "TCP", "-"),
            ("[::1]:53:53/udp/", "[::1]:53", "53/udp/", "udp", "/"),
            ("${A:-1/2}:${B:-b}/$P", "${A:-1/2}", "${B:-b}/$P", "$P", "-"),
            (":80", "", "80", "-", "-"),
            ("\"8080:80\"", "-", "-", "-", "-"),
        ] {
            let text = format!("FROM a\nEXPOSE {word}\n");
            let file = parse(Source::from_text("Dockerfile", text.clone()));
            let Kind::Expose(words) = &file.instructions[1].kind else { panic!("{word}") };
            let port = &words[0];
            let parts = [port.host(), port.container(), port.protocol(), port.rest()]
                .map(|part| part.inspect(|p| assert_eq!(p.span.text(&text), p.text)).map_or("-", |p| p.text));
            assert_eq!(parts, [host, container, protocol, rest], "{word}");
        }
    }

    #[test]
    fn a_value_names_ports() {
        let port = |host, range, protocol| Ok(Port { host, range, protocol });
        let fault =
            |value| ports(value).filter_map(Result::err).map(|f| f.part.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            ports(" 80 8000-8010/UDP\t1:2 ").collect::<Vec<_>>(),
            [
                port(None, (80, 80), None),
                port(None, (8000, 8010), Some("UDP")),
                port(Some("1"), (2, 2), None)
            ]
        );
        assert_eq!(fault("80 a 1.2.3:80:81 9-8 80/x"), ["a", "1.2.3", "9-8", "x"]);
    }
}
