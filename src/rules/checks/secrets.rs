//! Secrets that end up in the image, by what they look like.

use std::sync::LazyLock;

use crate::knowledge::{PLACEHOLDERS, SecretShape, secret_shapes};
use crate::rules::Cx;
use crate::semantic::Model;
use crate::syntax::File;
use crate::text::Span;

/// The shapes, and where in a text they may start.
struct Shapes {
    /// By first byte: prefixes, each with its shape.
    starts: Vec<Vec<(&'static [u8], &'static SecretShape)>>,
    /// By a pair of bytes: how many bytes behind the first of a place the next one is at which a prefix, or the `://`
    /// of a URL, may start, if the pair stands behind that first byte. At 0 one may start there. Pairs that share a
    /// place share the least of theirs.
    shifts: [u8; PAIRS],
    /// No secret has fewer bytes before its first blank.
    shortest: usize,
}

/// How many bytes of a prefix are compared at once: none is shorter.
const WINDOW: usize = 3;

/// How many places there are for pairs: few enough to be filled in no time.
const PAIRS: usize = 1 << 12;

fn pair(first: u8, second: u8) -> usize {
    (usize::from(first) << 4 ^ usize::from(second)) % PAIRS
}

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let mut starts = vec![Vec::new(); 256];
    let mut shifts = [2; PAIRS];
    let mut shortest = SHORTEST_URL;
    let mut mark = |prefix: &[u8]| {
        let [first, second, third, ..] = *prefix else { return };
        let shift = &mut shifts[pair(first, second)];
        *shift = (*shift).min(1);
        shifts[pair(second, third)] = 0;
    };
    mark(b"://");
    for (shape, prefix) in secret_shapes().iter().flat_map(|s| s.prefixes.iter().map(move |p| (s, p))) {
        let blank = prefix.bytes().position(is_blank);
        let body = if shape.gap.is_empty() { shape.min } else { 0 };
        shortest = shortest.min(blank.unwrap_or(prefix.len() + body));
        mark(prefix.as_bytes());
        if let Some(first) = prefix.bytes().next() {
            starts[usize::from(first)].push((prefix.as_bytes(), shape));
        }
    }
    Shapes { starts, shifts, shortest: shortest.max(WINDOW) }
});

/// The length of `://:abcd@a.b`.
const SHORTEST_URL: usize = 12;

const fn is_blank(byte: u8) -> bool {
    byte <= b' '
}

impl Shapes {
    /// The prefixes that a text begins with, each with its shape.
    fn prefixes_of<'s>(
        &'s self,
        rest: &'s [u8],
    ) -> impl Iterator<Item = (&'static [u8], &'static SecretShape)> + 's {
        let known = rest.first().and_then(|byte| self.starts.get(usize::from(*byte)));
        known.into_iter().flatten().copied().filter(|(prefix, _)| rest.starts_with(prefix))
    }

    /// True for a text that begins as a secret, or as what stands before one in a URL.
    fn begins(&self, rest: &[u8]) -> bool {
        rest.starts_with(b"://") || self.prefixes_of(rest).next().is_some()
    }

    /// The places where a secret may start, in order.
    fn places<'t>(&self, bytes: &'t [u8]) -> impl Iterator<Item = usize> + use<'_, 't> {
        let (mut at, mut end) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                // Most words are too short to hold one.
                while at + self.shortest > end {
                    at = long_word(bytes, end, self.shortest);
                    end = next_blank(bytes, at);
                    if at == end {
                        return None;
                    }
                }
                let word = bytes.get(..end)?;
                while at + self.shortest <= end {
                    let shift = self.shifts[pair(*word.get(at + 1)?, *word.get(at + 2)?)];
                    at += usize::from(shift.max(1));
                    // Other pairs may share the place of one that starts a secret.
                    if shift == 0 && self.begins(bytes.get(at - 1..)?) {
                        return Some(at - 1);
                    }
                }
            }
        })
    }
}

/// The first place from `at` on that has no blank among so many bytes, or one near the end of the text. Each step goes
/// behind the last blank of sixteen bytes, so that short words and indents are passed several at a time.
fn long_word(bytes: &[u8], mut at: usize, shortest: usize) -> usize {
    const ONES: u128 = u128::MAX / 0xFF;
    let wanted = u128::MAX >> (128 - 8 * shortest.clamp(1, 16));
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        let chunk = u128::from_le_bytes(*chunk);
        // No byte carries into the next one here, so that the highest bit that is set is right, too.
        let others = ((chunk & (ONES * 0x7F)) + ONES * (0x7F - b' ' as u128)) | chunk;
        let blanks = !others & (ONES << 7) & wanted;
        if blanks == 0 {
            return at;
        }
        at += 16 - blanks.leading_zeros() as usize / 8;
    }
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|b| is_blank(**b)).count()
}

/// Where the word that `at` is in ends. Looks at eight bytes at a time.
fn next_blank(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 0xFF;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        // The lowest bit that is set is that of the first byte up to a blank.
        let blanks = word.wrapping_sub(ONES * (1 + b' ' as u64)) & !word & (ONES << 7);
        if blanks != 0 {
            return at + blanks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| is_blank(*b)).unwrap_or(rest.len())
}

/// `secret-value`.
pub fn value(cx: &mut Cx<'_>) {
    let file = &*cx.model.file;
    each_secret(file.text(), |span, what, shown| {
        if !is_kept(file, span) {
            return false;
        }
        let at = file.instructions.partition_point(|i| i.span.end <= span.start);
        let place = match reaches_image(cx.model, at) {
            false => "it stays in the build cache, and a later COPY may take it into the image",
            true => "it stays in the image's history, where anyone who can pull the image can read it",
        };
        let message = format!("{shown}{what}: {place}");
        let help = "revoke it, and pass the new one to the RUN that needs it with `--mount=type=secret`";
        cx.report(cx.at(span, message).help(help));
        true
    });
}

/// True unless what a step sets is surely in no image: its stage is neither a part of the final one nor built for
/// itself.
pub(super) fn reaches_image(model: &Model, step: usize) -> bool {
    model.is_kept(step) || model.stage_of(step).is_none_or(|stage| model.is_output(stage))
}

/// What the first secret in a text is, by what it looks like, with its article.
pub(super) fn first_secret(text: &str) -> Option<&'static str> {
    let mut first = None;
    each_secret(text, |_, what, _| {
        first.get_or_insert(what);
        true
    });
    first
}

/// Tells each secret of a text: where it is, what it is, and its first letters if they may be shown. `found_one` says
/// whether it counts.
fn each_secret(text: &str, mut found_one: impl FnMut(Span, &'static str, &str) -> bool) {
    let shapes = &*SHAPES;
    let bytes = text.as_bytes();
    let mut behind = 0;
    for at in shapes.places(bytes) {
        let byte = bytes[at];
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        let within = before.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if within && !matches!(byte, b':' | b'-') || at < behind {
            continue;
        }
        let found = if byte == b':' {
            password_in_url(text, at).map(|span| (span, "a password in a URL", String::new()))
        } else {
            let mut fitting = shapes.prefixes_of(&bytes[at..]);
            let found = fitting.find_map(|(prefix, shape)| secret(shape, prefix, text, at));
            found.map(|(span, shape)| {
                let shown: String = span.text(text).chars().take(4).collect();
                (span, shape.name, format!("`{shown}…` is "))
            })
        };
        let Some((span, what, shown)) = found else { continue };
        if found_one(span, what, &shown) {
            behind = span.range().end;
        }
    }
}

/// True if the place is in an instruction, and not in a comment.
fn is_kept(file: &File, span: Span) -> bool {
    let i = file.instructions.partition_point(|i| i.span.end <= span.start);
    let inside = file.instructions.get(i).is_some_and(|i| i.span.contains(span));
    // No line of a comment is looked at for longer than this.
    let from = span.range().start.saturating_sub(1024);
    let before = file.text().as_bytes().get(from..span.range().start).unwrap_or(&[]);
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or(&[]);
    inside && !line.trim_ascii_start().starts_with(b"#")
}

/// The secret of this shape that starts with `prefix` at `at`.
fn secret<'s>(
    shape: &'s SecretShape,
    prefix: &[u8],
    text: &str,
    at: usize,
) -> Option<(Span, &'s SecretShape)> {
    let mut body = &text.as_bytes()[at + prefix.len()..];
    if !shape.gap.is_empty() {
        let gap = shape.gap.iter().filter(|g| body.starts_with(g.as_bytes())).map(|g| g.len()).max()?;
        body = &body[gap..];
    }
    let len = body.iter().take(shape.max + 1).take_while(|b| shape.chars.has(**b)).count();
    let fits = (shape.min..=shape.max).contains(&len) && !is_placeholder(&body[..len]);
    let end = if shape.gap.is_empty() { prefix.len() + len } else { prefix.len() };
    fits.then(|| (Span::of(at..at + end), shape))
}

/// True for what nobody takes for a secret: `xxxxxxxx`, `…EXAMPLE`, `your-token-here`, `1234567890`.
pub(super) fn is_placeholder(body: &[u8]) -> bool {
    let lower = body.to_ascii_lowercase();
    let has = |word: &str| lower.windows(word.len()).any(|w| w == word.as_bytes());
    let run = lower.chunk_by(|a, b| a == b).map(<[u8]>::len).max().unwrap_or(0);
    run >= 6 || PLACEHOLDERS.iter().any(|word| has(word))
}

/// The password of `scheme://user:password@host` whose `:` stands at `at`.
fn password_in_url(text: &str, at: usize) -> Option<Span> {
    let rest = text.get(at..)?.strip_prefix("://")?;
    let scheme = text[..at].bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    // A URL longer than this is none that holds a password.
    let end = rest.bytes().take(512).position(|b| b.is_ascii_whitespace() || b"/\"'`<>|&;()\\".contains(&b));
    let authority = &rest.as_bytes()[..end.unwrap_or(rest.len().min(512))];
    let host_at = authority.iter().rposition(|b| *b == b'@')?;
    let colon = authority[..host_at].iter().position(|b| *b == b':')?;
    let (user, password) = (&authority[..colon], &authority[colon + 1..host_at]);
    let host = authority[host_at + 1..].split(|b| *b == b':').next()?;
    let literal = |part: &[u8]| !part.iter().any(|b| b"${}%*[]".contains(b));
    let public = host.contains(&b'.')
        && host.first().is_some_and(u8::is_ascii_alphanumeric)
        && !host.starts_with(b"127.")
        && ![&b".local"[..], b".localhost", b".test", b".internal", b"example.com", b"example.org"]
            .iter()
            .any(|end| host.ends_with(end));
    let common: [&[u8]; 9] =
        [b"password", b"passwd", b"pass", b"secret", b"token", b"anonymous", b"guest", b"xxx", b"pwd"];
    let real = password.len() >= 4
        && user != password
        && !common.iter().any(|c| c.eq_ignore_ascii_case(password))
        && !is_placeholder(password);
    if scheme == 0 || !public || !real || !literal(user) || !literal(password) || !literal(host) {
        return None;
    }
    let start = at + 3 + colon + 1;
    text.is_char_boundary(start).then(|| Span::of(start..start + password.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_start_is_shorter_than_what_is_compared() {
        let mut prefixes = secret_shapes().iter().flat_map(|shape| shape.prefixes);
        assert!(prefixes.all(|prefix| prefix.len() >= WINDOW));
    }

    #[test]
    fn no_place_is_missed() {
        let starts = secret_shapes().iter().flat_map(|shape| shape.prefixes);
        for start in starts.copied().chain(["://"]) {
            for before in ["", "a", "ab", "::", "s-", "ghs", "--", "xapp", "é"] {
                let word = format!("x {before}{start}{}", "a".repeat(100));
                let at = "x ".len() + before.len();
                assert!(SHAPES.places(word.as_bytes()).any(|place| place == at), "{word}");
            }
        }
    }

    #[test]
    fn short_words_are_passed_and_long_ones_are_not() {
        let text =
            "  a bc\tdef\n\n  four fivee \u{80}sixteen-letters-é é\u{7f}!ten-bytes-and-more\r\n x seventeen";
        let bytes = text.as_bytes();
        for shortest in 3..=16 {
            for from in 0..=bytes.len() {
                let at = long_word(bytes, from, shortest);
                let passed = bytes[from..at].split(|b| is_blank(*b));
                let last = bytes.len().saturating_sub(16);
                assert!(passed.clone().all(|word| word.len() < shortest), "{from} {shortest}");
                let rest = &bytes[at..];
                assert!(at >= last || rest.iter().take(shortest).all(|b| !is_blank(*b)), "{from} {shortest}");
            }
        }
    }

    fn secrets(value: &str) -> Vec<String> {
        let text = format!("FROM debian:12\nENV A={value}\n# {value}\n");
        let file = crate::syntax::parse(crate::text::Source::from_text("Dockerfile", text.clone()));
        let choice = crate::rules::Choice {
            select: Some(vec![crate::rules::Catalogue::default().select("secret-value").unwrap()]),
            ..Default::default()
        };
        let settings = crate::config::Config::default().settings(std::path::Path::new(""), &choice, None);
        let found = crate::engine::lint(
            &crate::semantic::Analysis::new(crate::semantic::Model::new(file)),
            &settings,
        );
        for finding in &found {
            assert!(!finding.message.contains(finding.span.text(&text)), "{}", finding.message);
        }
        found.iter().map(|f| f.span.text(&text).to_owned()).collect()
    }

    #[test]
    fn the_table_is_well_formed_and_every_shape_is_found() {
        for shape in secret_shapes() {
            assert!(shape.min <= shape.max && shape.min > 0, "{}", shape.name);
            for prefix in shape.prefixes {
                let pool =
                    if shape.chars == crate::knowledge::Chars::Hex { "0f1e2d3c4b" } else { "Q7J2K9Z4M5" };
                let body: String = pool.chars().cycle().take(shape.min).collect();
                let gap = shape.gap.iter().find(|g| !g.contains('\n')).copied().unwrap_or("");
                let want = if gap.is_empty() { format!("{prefix}{body}") } else { (*prefix).to_owned() };
                assert_eq!(secrets(&format!("\"{prefix}{gap}{body}\"")), [want], "{prefix}");
                assert!(
                    secrets(&format!("\"{prefix}{gap}{}\"", &body[..shape.min - 1])).is_empty(),
                    "{prefix}"
                );
                assert!(secrets(&format!("\"{prefix}$TOKEN\"")).is_empty(), "{prefix}");
            }
        }
    }

    #[test]
    fn words_that_may_hold_a_secret_are_looked_at() {
        let text = b"ghp_ http://abc ghp_456789ab  x\nglpat-01234567 \xc3\xa9ghp_45678901";
        let found: Vec<usize> = SHAPES.places(text).collect();
        assert_eq!(found, [16, 32, 49]);
        assert_eq!(SHAPES.shortest, 10);
        for len in 0..20 {
            let word = [vec![b'!'; len], b" x".to_vec()].concat();
            assert_eq!((next_blank(&word, 0), next_blank(&word[..len], 0)), (len, len));
        }
        assert_eq!(SHAPES.places(b"").count() + SHAPES.places(b" \n").count(), 0);
    }

    #[test]
    fn placeholders_are_no_secrets() {
        for value in [
            "AKIAIOSFODNN7EXAMPLE".to_owned(),
            format!("ghp_{}", "x".repeat(36)),
            format!("ghp_{}", "1234567890".repeat(4)),
            format!("not_a_ghp_{}", "Q7J2K9Z4M5".repeat(4)),
        ] {
            assert!(secrets(&value).is_empty(), "{value}");
        }
    }

    #[test]
    fn passwords_in_urls() {
        assert_eq!(secrets("https://bob:s3cr3t@git.acme.dev/x.git"), ["s3cr3t"]);
        assert_eq!(secrets("postgres://bob:s3:cr@db.acme.dev:5432/x"), ["s3:cr"]);
        for value in [
            "https://bob:$PASS@git.acme.dev/x",
            "https://bob:${PASS}@git.acme.dev/x",
            "https://bob:password@git.acme.dev/x",
            "https://bob@git.acme.dev/x",
            "postgres://app:app-secret@db:5432/x",
            "http://bob:s3cr3t@localhost/",
            "http://bob:s3cr3t@127.0.0.1/",
            "http://bob:s3cr3t@example.com/",
            "https://a.dev/b:c@d.dev",
            "ftp://ftp:anonymous@ftp.acme.dev/",
            "https://user:<password>@git.acme.dev/",
        ] {
            assert!(secrets(value).is_empty(), "{value}");
        }
    }
}
