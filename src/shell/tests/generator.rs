//! Makes scripts of many forms.

/// Pieces of words.
pub(super) const PIECES: &[&str] = &[
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
pub(super) const HEADS: &[&str] = &[
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

pub(super) const OPERATORS: &[&str] = &[
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
    " # c\n",
    "\n # c; d\n# \"e\n ",
    " && # c\n",
    ";#c\n",
];

pub(super) const REDIRECTS: &[&str] = &[
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
    " &>> f",
    " >| f",
    " <> f",
    " 2>&-",
    " >&-",
    " <&3",
    " 3<&0",
    " <<< x",
    " <<< \"a $x\"",
    " > $(a b)",
    " < <(a)",
];

/// Words that only newer shells read, and backticks.
pub(super) const MORE_PIECES: &[&str] = &[
    "`a b`",
    "\"`a`\"",
    "\"x `a | b` y\"",
    "$((1 + 2))",
    "\"$(( $x * (2 + 1) ))\"",
    "$(($#-1))",
    "$'a\\tb\\'c'",
    "<(a b)",
    "${x[@]}",
    "\"${x[@]}\"",
    "${!x}",
    "${x:1:2}",
    "${x:-$y}",
    "\"${x:-a b}\"",
    "${x:-\"a b\"}",
    "${x:-${y%/*}}",
    "${x^^}",
    "${x,,}",
    "${x//\\//_}",
    "${#x[@]}",
    "${x:=$y/z}",
    "${x+ y}",
    "^$",
    "{a}",
    "a{b}c",
];

/// What is not simple, or not always.
pub(super) const ODD: &[&str] = &[
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

pub(super) const SPACES: &[&str] = &[" ", " ", " ", "  ", "\t", " \\\n", "\\\n ", " \\\n    ", " \\\n\\\n "];

/// A deterministic source of choices (xorshift).
pub(super) struct Dice(pub(super) u64);

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
                2 => out.push_str(self.pick(MORE_PIECES)),
                _ => out.push_str(self.pick(PIECES)),
            }
        }
    }

    /// A compound command, with lists of commands in it.
    fn compound(&mut self, out: &mut String, depth: usize) {
        match self.roll(12) {
            0 | 1 => self.between(out, depth, &["if ", "; then ", "; fi"]),
            2 => self.between(out, depth, &["if ", "\nthen\n", "\nelse ", "\nfi"]),
            3 => self.between(
                out,
                depth,
                &["if ", " ; \\\n then ", "; elif ", "; then\n", "; \\\n else ", ";fi"],
            ),
            4 => self.between(out, depth, &["while ", "; do ", "; done"]),
            5 => self.between(out, depth, &["until ", "\ndo\n", "\ndone"]),
            6 => {
                out.push_str(self.pick(&["for x in ", "for x  in \\\n ", "for x \\\n in "]));
                for _ in 0..self.roll(4) {
                    self.word(out, depth);
                    out.push_str(self.pick(SPACES));
                }
                self.between(out, depth, &["; do ", "; done"]);
            }
            7 => {
                let head = self.pick(&["for x; do ", "for x do ", "for x\ndo\n"]);
                self.between(out, depth, &[head, "; done"]);
            }
            8 => {
                out.push_str("case ");
                self.word(out, depth);
                out.push_str(self.pick(&[" in ", " in\n", " \\\n in \\\n "]));
                for _ in 0..=self.roll(3) {
                    let pattern = self.pick(&[
                        "a) ",
                        "(a) ",
                        "a | b*)",
                        "\"$x\")\n",
                        "*) ",
                        "'a b'|[0-9])",
                        "--x=?*) ",
                    ]);
                    let end = self.pick(&[" ;; ", ";;\n", "; ;;", "\n;;\n", " ;& ", ";;&\n"]);
                    if self.roll(5) == 0 {
                        out.push_str(pattern);
                        out.push_str(end);
                    } else {
                        self.between(out, depth, &[pattern, end]);
                    }
                }
                out.push_str(self.pick(&["esac", " esac", "\nesac"]));
            }
            9 => self.between(out, depth, &["{ ", "; }"]),
            10 => self.between(out, depth, &["(", ")"]),
            _ => {
                let head = self.pick(&[
                    "f() { ",
                    "f () {\n",
                    "f() ( ",
                    "function f { ",
                    "function f() {\n",
                    "g-1()\n{\n",
                ]);
                self.between(out, depth, &[head, if head.ends_with("( ") { " )" } else { ";\n}" }]);
            }
        }
        if self.roll(4) == 0 {
            out.push_str(self.pick(&[" > f", " 2>&1", " >/dev/null 2>&1", " < f", " >> f 2>> g", " <<< x"]));
        }
    }

    /// Lists of commands between the words of `around`.
    fn between(&mut self, out: &mut String, depth: usize, around: &[&str]) {
        for (number, word) in around.iter().enumerate() {
            if number > 0 {
                self.script(out, depth.saturating_sub(1));
            }
            out.push_str(word);
        }
    }

    /// `[[ … ]]`
    fn conditional(&mut self, out: &mut String) {
        out.push_str("[[ ");
        for number in 0..=self.roll(2) {
            if number > 0 {
                out.push_str(self.pick(&[" && ", " || "]));
            }
            if self.roll(4) == 0 {
                out.push_str("! ");
            }
            out.push_str(self.pick(&[
                "-f x",
                "-n \"$x\"",
                "-z ${x}",
                "$x",
                "$x == y*",
                "\"$x\" != 'a b'",
                "$# -gt 0",
                "a = b",
                "-e /a/$b",
                "-n $(a b)",
            ]));
        }
        out.push_str(" ]]");
    }

    fn command(&mut self, out: &mut String, depth: usize) {
        match self.roll(14) {
            0 | 1 if depth > 0 => return self.compound(out, depth),
            2 => return self.conditional(out),
            3 => out.push_str(self.pick(&["! ", "! ", "time ", "time -p ", "\"$x\"/", "'a' ", "\\a "])),
            _ => {}
        }
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

    pub(super) fn script(&mut self, out: &mut String, depth: usize) {
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
        match self.roll(24) {
            0..3 => out.push_str(self.pick(OPERATORS)),
            3 => out.push_str(self.pick(&[" # c\n", "\n# c 'd\n", " # a\n # b\n"])),
            _ => {}
        }
    }
}
