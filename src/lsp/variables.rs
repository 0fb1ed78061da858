//! Where a text uses variables: `$name` and `${name…}`, as BuildKit and a shell read them.

use std::ops::Range;

/// Who expands the variables of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// BuildKit: nothing is expanded between single quotes.
    Count,
    /// BuildKit, in the lines of a here-document: quotes are letters like others.
    Letters,
    /// A shell: it calculates, and hands scripts in single quotes to other shells.
    Shell,
}

/// Shells that take a script behind `-c`.
const SHELLS: [&str; 6] = ["ash", "bash", "dash", "ksh", "sh", "zsh"];

/// How many options are looked through between a shell and its script.
const MAX_OPTIONS: usize = 6;

/// The names of the variables that `text` uses, in order.
pub(super) fn uses(text: &str, escape: char, quotes: Quotes) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let escape = u8::try_from(escape).unwrap_or(b'\\');
    let (mut uses, mut at) = (Vec::new(), 0);
    let (mut single, mut double) = (false, false);
    // How far what is calculated was read.
    let mut calculated = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\'' if quotes == Quotes::Shell && !single && !double && is_shell_before(&text[..at - 1]) => {
                let end = text[at..].find('\'').map_or(text.len(), |len| at + len);
                let inner = self::uses(&text[at..end], '\\', quotes).into_iter();
                uses.extend(inner.map(|name| at + name.start..at + name.end));
                at = end + 1;
            }
            b'\'' if quotes != Quotes::Letters && !double => single = !single,
            b'"' if quotes != Quotes::Letters && !single => double = !double,
            _ if single => {}
            byte if *byte == escape => at += 1,
            // The number of the process.
            b'$' if bytes.get(at) == Some(&b'$') => at += 1,
            b'$' if quotes == Quotes::Shell && bytes[at..].starts_with(b"((") && calculated <= at => {
                calculated = calculation(text, at + 2, &mut uses);
                at += 2;
            }
            b'$' => {
                let name = expanded(text, at, quotes);
                if !name.is_empty() {
                    at = name.end;
                    uses.push(name);
                }
            }
            _ => {}
        }
    }
    uses.sort_unstable_by_key(|name| name.start);
    uses.dedup();
    uses
}

/// The name behind the `$` that ends at a byte.
fn expanded(text: &str, at: usize, quotes: Quotes) -> Range<usize> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'{') {
        return name_at(text, at);
    }
    // `${#name}` is its length, and `${!name}` what the variable is called that it names.
    let marked = quotes == Quotes::Shell && matches!(bytes.get(at + 1), Some(b'#' | b'!'));
    let name = name_at(text, at + 1 + usize::from(marked));
    // `${!name*}` are all variables whose names begin so.
    let begins = marked && matches!(bytes.get(name.end), Some(b'*' | b'@'));
    if begins { name.start..name.start } else { name }
}

/// Adds the names in `$((…))`, which need no `$`, and gives its end.
fn calculation(text: &str, start: usize, uses: &mut Vec<Range<usize>>) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 2;
    let closes = |byte: &u8| {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        depth == 0
    };
    let Some(len) = bytes[start..].iter().position(closes) else { return text.len() };
    let end = start + len;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut at = start;
    while at < end {
        if !is_part(bytes[at]) {
            at += 1;
            continue;
        }
        let name = name_at(text, at);
        let len = bytes[at..end].iter().position(|byte| !is_part(*byte)).unwrap_or(end - at);
        if !name.is_empty() && !matches!(bytes[at - 1], b'$' | b'{' | b'#' | b'!') {
            uses.push(name);
        }
        at += len;
    }
    end
}

/// True if what follows a text is the script of another shell: `sh -c `.
fn is_shell_before(text: &str) -> bool {
    let Some(before) = text.strip_suffix([' ', '\t']) else { return false };
    let mut words = before.rsplit([' ', '\t']).filter(|word| !word.is_empty());
    let is_option = |word: &str| word.starts_with('-') && !word.starts_with("--");
    if !words.next().is_some_and(|word| is_option(word) && word.ends_with('c')) {
        return false;
    }
    let program = words.take(MAX_OPTIONS).find(|word| !is_option(word) && *word != "pipefail");
    program.is_some_and(is_shell)
}

/// True for a shell, with its path or without.
pub(super) fn is_shell(program: &str) -> bool {
    let name = program.rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).next();
    name.is_some_and(|name| SHELLS.contains(&name))
}

/// Where a text has a name as a word.
pub(super) fn words<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let all = text.match_indices(name).map(|(at, _)| at);
    all.filter(move |at| !text[..*at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

/// The name that starts at a byte.
fn name_at(text: &str, start: usize) -> Range<usize> {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let len = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_')).unwrap_or(rest.len());
    // `$1` is what a script was called with.
    let digit = rest.first().is_some_and(u8::is_ascii_digit);
    start..start + if digit { 0 } else { len }
}

/// True for what a variable can be called.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_at(text, 0).len() == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_where_they_are_expanded() {
        for (text, quotes, want) in [
            ("$a ${b} ${c:-$d}$e:x $1 $ ${} $$f $$$g", Quotes::Count, "a b c d e g"),
            ("\\$a '$b' \"'$c'\" \"\\$d\" é$e_1", Quotes::Count, "c e_1"),
            ("it's $a 'x", Quotes::Letters, "a"),
            ("it's $a 'x $b", Quotes::Count, "b"),
            ("${#a} ${!b} ${!c*} ${#} $# ${#d[@]}", Quotes::Shell, "a b d"),
            ("${#a}", Quotes::Count, ""),
            ("$((a+1)) $(( b * (c - $d) )) e \"$((f))\" $((0x1F)) $((", Quotes::Shell, "a b c d f"),
            ("'$((a))' $((b", Quotes::Shell, ""),
            ("sh -c 'echo $a' && bash -eo pipefail -c '$b' '$c'", Quotes::Shell, "a b"),
            ("x=$(/bin/sh -ec '$a')", Quotes::Shell, "a"),
            ("fish -c '$a'; sh '$b'; su x -c '$c'; sh -c \"\\$d $e\"", Quotes::Shell, "e"),
            ("sh -c '$a'", Quotes::Count, ""),
            ("$", Quotes::Count, ""),
            ("\\", Quotes::Count, ""),
        ] {
            let found = uses(text, '\\', quotes);
            let names: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
            assert_eq!(names.join(" "), want, "{text}");
        }
        assert!(is_name("_a1") && !is_name("1a") && !is_name("") && !is_name("a-b"));
    }
}
