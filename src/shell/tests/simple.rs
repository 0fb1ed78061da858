//! The quick way through a simple script gives what the long way gives.

use super::super::lower::Root;
use super::super::origin::{Origin, Where};
use super::super::simple;
use super::*;

/// Parses both ways; false if the script is not simple.
fn same(text: &str, place: Where) -> bool {
    let origin = Origin { text, place };
    let mut quick = parse("", 0, Dialect::Bash);
    let mut full = quick.clone();
    // As a script within another one, so that the enclosing place is told on.
    let outer = bash("f && g");
    let root =
        || Root { kind: ListKind::ShellString, place: Some(outer.commands[1].place.clone()), owner: Some(1) };
    let Some(sequence) = simple::read(origin) else { return false };
    sequence.add(&mut quick, root(), origin.span(0, text.len()));
    let mut pending = Vec::new();
    full.add_any(origin, root(), &mut pending);
    assert!(pending.is_empty(), "{text:?} leaves something to parse");
    assert_eq!(full.error, None, "{text:?}");
    assert_eq!(quick, full, "{text:?}");
    true
}

/// Pieces of words.
const PIECES: &[&str] = &[
    "a",
    "b",
    "apt-get",
    "-y",
    "--no-install-recommends",
    "/etc/x.d",
    "1",
    "22",
    "*.log",
    "[a-z]?",
    "{a,b}",
    "{1..3}",
    "{}",
    "x{}y",
    "~",
    "~/x",
    "!",
    "]",
    "@",
    "%",
    "^",
    "a#b",
    "a=b",
    "=",
    "+",
    ":",
    ",",
    "\\;",
    "\\ ",
    "\\$",
    "\\\"",
    "\\'",
    "\\a",
    "\\\\",
    "\\(",
    "'x y'",
    "'a;b && c'",
    "'$x'",
    "'#'",
    "''",
    "'\n'",
    "'é'",
    "'\\'",
    "\"x y\"",
    "\"\"",
    "\"$x\"",
    "\"${x}\"",
    "\"a'b\"",
    "\"a | b > c\"",
    "\"\\\"q\\\"\"",
    "\"\\$x\"",
    "\"\\n\\\\\"",
    "\"a\nb\"",
    "\"$\"",
    "\"$ x\"",
    "\"é ü\"",
    "\"{a\"",
    "\"(#)\"",
    "\"!\"",
    "$x",
    "$X_1",
    "$1",
    "$@",
    "$*",
    "$#",
    "$?",
    "$$",
    "$!",
    "$-",
    "$0",
    "$12",
    "${x}",
    "${1}",
    "${x:-y}",
    "${x:-}",
    "${x:=/a/b}",
    "${x:+y}",
    "${x-y}",
    "${x+y}",
    "${x?z}",
    "${x%.*}",
    "${x%%-*}",
    "${x#*/}",
    "${x##*/}",
    "${x/a/b}",
    "${x//a/b}",
    "${#x}",
    "${#}",
    "${@}",
    "${x=}",
    "${x%/}",
];

/// Assignments and words that a shell treats in its own way.
const HEADS: &[&str] = &[
    "echo ",
    "curl ",
    "export ",
    "readonly ",
    "local ",
    "declare ",
    "typeset ",
    "exit ",
    "return ",
    "break ",
    "continue ",
    "set -eux ",
    "cd ",
    "[ ",
    "test ",
    "eval ",
    "exec ",
    "source ",
    ". ",
    ": ",
    "true ",
    "sudo ",
    "env ",
    "unset ",
    "trap ",
    "A=1 ",
    "A= ",
    "A=\"x y\" B='z' ",
    "A+=b ",
    "A=$x ",
    "A=a\\ b ",
    "A=~/x:~/y ",
    "A={a,b} ",
    "A=a=b ",
    "PATH=/a:$PATH ",
    "a-b=c ",
    "1=x ",
    "$x ",
    "${x} ",
    "let ",
    "printf ",
    "shift ",
    "wait ",
    "builtin ",
    "command ",
];

const OPERATORS: &[&str] = &[
    " && ",
    "&&",
    " || ",
    "||",
    " ; ",
    ";",
    "; ",
    " | ",
    "|",
    " |& ",
    " & ",
    "&",
    "\n",
    "\n\n",
    " \n  \n ",
    ";\n",
    "&&\n",
    "|\n",
    " &&\\\n ",
    "&& \\\n  ",
    " \\\n && ",
    "\\\n&& ",
    ";\\\n",
    " ; \\\n ",
    "|\\\n",
    "&\n",
    " || \\\n\\\n",
    "\n\\\n",
    " \\\n\n",
    "|&",
];

const REDIRECTS: &[&str] = &[
    " > f",
    " >f",
    ">f",
    " >> f",
    ">>f",
    " 2>&1",
    " 2> /dev/null",
    " 2>/dev/null",
    " >/dev/null 2>&1",
    " < f",
    "<f",
    " &> f",
    " &>f",
    " >&2",
    " 1>&2",
    " > \"a b\"",
    " > $x",
    " > ${x}/y",
    " > 'q'",
    " 10> f",
    " 2>>f",
    " > f > g",
    " 0< f",
];

/// What is not simple, or not always.
const ODD: &[&str] = &[
    "if ",
    "then ",
    "! ",
    "{ ",
    "} ",
    "time ",
    "function ",
    "in ",
    "[[ ",
    "select ",
    "coproc ",
    "always ",
    "shopt -s ",
    "a[1]=x ",
    "\"a\" ",
    "a\\b ",
    ";;",
    "; ;",
    "&& &&",
    "&&;",
    "|;",
    "& &",
    "\n;",
    "\n&&",
    "&|",
    "&!",
    ";&",
    " >",
    " 2>",
    " &>> f",
    " >& f",
    " <<< x",
    " <> f",
    " >| f",
    " 2>&-",
    " 2>&1x",
    " {fd}> f",
    "2>f",
    "x2>f",
    " 2\\\n>f",
    " > \\\n f",
    " >f\\\n",
    " 2>&1\\\n",
    " 3<&0",
    " 123456> f",
    "\\\n",
    "]",
    "}",
    "{",
    "`a`",
    "$((1+2))",
    "(a)",
    "# c",
    "<(a)",
    "$'a'",
    "a=(b)",
    "f() ",
    "\r",
    "\u{a0}",
    "\u{1}",
    "${x@Q}",
    "${!x}",
    "${x:1:2}",
    "${x[1]}",
    "\"",
    "'",
    "$[",
    "\\",
    "<<E\nE\n",
];

const SPACES: &[&str] = &[" ", " ", " ", "  ", "\t", " \\\n", "\\\n ", " \\\n    ", " \\\n\\\n "];

/// A deterministic source of choices (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % sides as u64).unwrap()
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.roll(from.len())]
    }

    fn word(&mut self, out: &mut String, depth: usize) {
        for _ in 0..=self.roll(3) / 2 {
            if self.roll(60) == 0 {
                out.push_str(self.pick(ODD));
            }
            match self.roll(16) {
                0 if depth > 0 => {
                    out.push_str("$(");
                    self.script(out, depth - 1);
                    out.push(')');
                }
                1 if depth > 0 => {
                    out.push_str("\"a $(");
                    self.script(out, depth - 1);
                    out.push_str(") b\"");
                }
                _ => out.push_str(self.pick(PIECES)),
            }
        }
    }

    fn command(&mut self, out: &mut String, depth: usize) {
        let heads = [1, 1, 1, 1, 1, 2, 3, 0][self.roll(8)];
        for _ in 0..heads {
            out.push_str(self.pick(HEADS));
        }
        for number in 0..=self.roll(4) {
            if number > 0 {
                out.push_str(self.pick(SPACES));
            }
            self.word(out, depth);
            if self.roll(8) == 0 {
                out.push_str(self.pick(REDIRECTS));
            }
        }
    }

    fn script(&mut self, out: &mut String, depth: usize) {
        if self.roll(8) == 0 {
            out.push_str(self.pick(&[" ", "\n", "\\\n", " \\\n ", ";", "\t\n"]));
        }
        for number in 0..=self.roll(4) {
            if number > 0 {
                out.push_str(self.pick(OPERATORS));
            }
            if self.roll(60) == 0 {
                out.push_str(self.pick(ODD));
            }
            self.command(out, depth);
        }
        if self.roll(6) == 0 {
            out.push_str(self.pick(OPERATORS));
        }
    }
}

#[test]
fn generated_scripts_are_read_alike() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut simple = 0;
    for number in 0..20_000 {
        let mut text = String::new();
        dice.script(&mut text, 2);
        let place = if number % 8 == 0 { Where::Within(Span::new(3, 9)) } else { Where::At(7) };
        simple += usize::from(same(&text, place));
    }
    // Of the pieces above many are not simple, on purpose.
    assert!(simple > 3_000, "{simple}");
}

#[test]
fn each_piece_is_read_alike_in_each_seat() {
    let place = Where::At(7);
    for piece in PIECES.iter().chain(ODD) {
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
fn what_most_scripts_are_made_of_is_simple() {
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
    ] {
        assert!(same(text, Where::At(7)), "{text:?}");
        assert!(same(text, Where::Within(Span::new(3, 9))), "{text:?}");
    }
}

#[test]
fn what_is_not_simple_is_left() {
    for text in [
        "if a; then b; fi",
        "for x in y; do z; done",
        "{ a; }",
        "! a",
        "time a",
        "[[ a ]]",
        "(a)",
        "f() { a; }",
        "a=(b)",
        "a `b`",
        "a $((1))",
        "a <(b)",
        "cat <<E\nE",
        "a # b",
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
        "> f",
        "a >",
        "a\r\n",
        "\\",
        "a \u{a0}",
        "a \0",
        "shopt -s expand_aliases",
        "a $'b'",
        "$(a $(b $(c $(d $(e)))))",
    ] {
        assert!(!same(text, Where::At(7)), "{text:?}");
    }
    assert!(same(&vec!["a"; 200].join(" && "), Where::At(7)));
    assert!(!same(&vec!["a"; 202].join(" && "), Where::At(7)));
}

#[test]
fn a_substitution_behind_a_continuation_in_quotes_has_its_own_place() {
    // `shuck` has it two bytes before, at each continuation.
    let text = "echo \"a \\\n $(b c) \\\n $(d)\"";
    let script = bash(text);
    assert_eq!(commands(&script, text), [text, "b c", "d"]);
    assert_eq!(script.lists[1].span.text(text), "$(b c)");
}
