//! The grammar reads what `shuck` reads, with the same result.

use super::super::grammar;
use super::super::lower::Root;
use super::super::origin::{Origin, Where};
use super::generator::{Dice, HEADS, MORE_PIECES, ODD, OPERATORS, PIECES, REDIRECTS, SPACES};
use super::*;

/// Parses both ways; false if the grammar leaves the script to `shuck`, or `shuck` a part of it to be
/// parsed on its own.
fn same(text: &str, place: Where) -> bool {
    let origin = Origin { text, place };
    let mut quick = parse("", 0, Dialect::Bash);
    let mut full = quick.clone();
    // As a script within another one, so that the enclosing place is told on.
    let outer = bash("f && g");
    let root =
        || Root { kind: ListKind::ShellString, place: Some(outer.commands[1].place.clone()), owner: Some(1) };
    let Some(items) = grammar::read(origin) else { return false };
    grammar::add(&mut quick, items, root(), origin.span(0, text.len()));
    let mut pending = Vec::new();
    full.add_any(origin, root(), &mut pending);
    if !pending.is_empty() {
        return false;
    }
    assert_eq!(full.error, None, "{text:?}");
    assert_eq!(quick, full, "{text:?}");
    true
}

#[test]
fn generated_scripts_are_read_alike() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut same_ones = 0;
    for number in 0..10_000 {
        let mut text = String::new();
        dice.script(&mut text, 2);
        let place = if number % 8 == 0 { Where::Within(Span::new(3, 9)) } else { Where::At(7) };
        same_ones += usize::from(same(&text, place));
    }
    // Many of the pieces make no valid script, or an unclear one, on purpose.
    assert!(same_ones > 2_000, "{same_ones}");
}

#[test]
fn each_piece_is_read_alike_in_each_seat() {
    let place = Where::At(7);
    for piece in PIECES.iter().chain(MORE_PIECES).chain(ODD) {
        for text in [
            "echo _",
            "echo _ b",
            "echo x_",
            "echo _x",
            "_ a",
            "A=_ b",
            "A=_",
            "a && _",
            "a > _",
            "echo \"$(a _)\"",
        ] {
            same(&text.replace('_', piece), place);
        }
    }
    for piece in HEADS.iter().chain(OPERATORS).chain(REDIRECTS).chain(SPACES).chain(ODD) {
        for text in
            ["_", "_a", "a_", "a_b", "a b_c d", "a b _ c", "a_b_c", "a $(b_c)", "a \"$(b _ c) $(d_)\" | e"]
        {
            same(&text.replace('_', piece), place);
        }
    }
}

#[test]
fn what_most_scripts_are_made_of_is_read() {
    for text in [
        "",
        " \\\n ",
        "make",
        "apt-get update && apt-get install -y --no-install-recommends \\\n    curl=7.* \\\n    git \\\n && rm -rf /var/lib/apt/lists/*",
        "set -eux; \\\n\tDEBIAN_FRONTEND=noninteractive apt-get install -qq \"$PKG\" >/dev/null 2>&1 || true",
        "curl -fsSL \"https://x.y/${VERSION:-1.0}/a.tgz\" | tar -xzC /opt --strip-components=1",
        "echo 'deb http://x y main' > /etc/apt/sources.list.d/x.list\nuseradd -m u",
        "find / -name '*.pyc' -exec rm {} \\;",
        "mkdir -p /a/{b,c} && A=1 B=\"x y\" C= ./run --x=$A &",
        "export V=$(cat /v | head -n 1) && echo \"$(uname -s)-$(uname -m)\"",
        "[ ! -f /x ] || exit 1",
        "sh -c 'a && b' |& tee log; cd /x;",
        "a=1",
        "> f",
        "a $'b' `c d` \"`e`\" $((1 + $x)) <(f)",
        "a # b\n# c\nd",
        "a=(b c) d+=(\"$e\")\n",
        "if a; then b; fi",
        "if ! a; then \\\n b; elif c && d; then e; else f; fi > g 2>&1",
        "for x in a \"$b\" $(c); do d; done | e",
        "for x; do y; done; while a; do b; done < c; until d; do e; done",
        "case \"$(uname -m)\" in x86_64) a=1 ;; aarch64|arm*) b ;; *) echo >&2 no; exit 1 ;; esac",
        "set -ex; { a; b; } > c && ( d; e ) || ! f; f() { g; }; function h { i; }; j() ( k )",
        "[[ -n $a && ! \"$b\" == c* ]] || time -p d | e &",
        "cat <<E > f && b\nx ${y} \\z\nE\ncat <<-'E' <<< z\n\t$(z)\n\tE\nc",
        "$(a $(b $(c $(d $(e)))))",
    ] {
        assert!(same(text, Where::At(7)), "{text:?}");
        assert!(same(text, Where::Within(Span::new(3, 9))), "{text:?}");
    }
}

#[test]
fn what_is_unclear_or_rare_is_left() {
    for text in [
        "if a; then fi",
        "if a; then b",
        "if a; b; fi",
        "fi",
        "for x in y; z; done",
        "for ((;;)); do a; done",
        "select x in y; do a; done",
        "case x in esac",
        "case x in a) b; c) d;; esac",
        "{ a }",
        "{a; }",
        "(a",
        "( )",
        "((1))",
        "f() a",
        "[[ a",
        "[[ a =~ b ]]",
        "! ! a",
        "time time a",
        "a[1]=b",
        "a `b \\` c`",
        "a ${b:-$(c)}",
        "cat <<E\nE $(b)",
        "cat <<E\n$(b)\nE\n",
        "cat <<E",
        "a &&",
        "&& a",
        "a | | b",
        "a;; b",
        "a 'b",
        "a \"b",
        "a ${b",
        "a $(b",
        "a)",
        "a $()",
        "a >",
        "a\r\n",
        "\\",
        "a \u{a0}",
        "a \0",
        "shopt -s expand_aliases",
        "a $\"b\"",
    ] {
        let origin = Origin { text, place: Where::At(7) };
        assert!(grammar::read(origin).is_none(), "{text:?}");
    }
}

#[test]
fn nesting_is_bounded() {
    let read = |text: String| grammar::read(Origin { text: &text, place: Where::At(0) }).is_some();
    let pairs = [
        ("( ", " )"),
        ("$(a ", ")"),
        ("{ ", "; }"),
        ("if ", "; then a; fi"),
        ("while ", "; do a; done"),
        ("a <(", ")"),
    ];
    for (open, close) in pairs {
        assert!(read(format!("{}a{}", open.repeat(20), close.repeat(20))), "{open}");
        assert!(!read(format!("{}a{}", open.repeat(30), close.repeat(30))), "{open}");
    }
}

#[test]
fn a_substitution_behind_a_continuation_in_quotes_has_its_own_place() {
    // `shuck` has it two bytes before, at each continuation.
    let text = "echo \"a \\\n $(b c) \\\n $(d)\"";
    let script = bash(text);
    assert_eq!(commands(&script, text), [text, "b c", "d"]);
    assert_eq!(script.lists[1].span.text(text), "$(b c)");
}
