//! Patterns, faults and walks, by the public face alone. What BuildKit answered is the measure.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::Path;

use dockerignore::filepath::{clean, path_match};
use dockerignore::{ErrorKind, IgnoreFile, MAX_LINE_BYTES, Matcher, candidates, verdicts};

fn out(patterns: &str, path: &str) -> bool {
    Matcher::new(&IgnoreFile::parse(patterns)).is_excluded(path)
}

/// Each row: the ignore file, the paths that it leaves out, and those that it does not.
fn check(rows: &[(&str, &[&str], &[&str])]) {
    for (patterns, excluded, kept) in rows {
        for path in *excluded {
            assert!(out(patterns, path), "{patterns:?} should leave out {path:?}");
        }
        for path in *kept {
            assert!(!out(patterns, path), "{patterns:?} should keep {path:?}");
        }
    }
}

#[test]
fn lines_are_read_in_buildkits_order() {
    check(&[
        ("\u{feff}#c\nx", &["x"], &["#c"]),
        ("\u{feff}y", &["y"], &[]),
        ("x\n\u{feff}y", &["\u{feff}y"], &["y"]),
        ("#x\n #y", &["#y"], &["#x", "x"]),
        ("x # no comment", &["x # no comment"], &["x"]),
        ("\u{a0}x\u{2003}\r\n\ty\u{b}", &["x", "y"], &[]),
        ("*\n! keep", &["other"], &["keep", "keep/below"]),
        ("a//b\nc/./d\ne/f/../g\nh/", &["a/b", "c/d", "e/g", "h"], &["e/f"]),
        ("../x\n..", &[], &["x", "a/x"]),
        ("/rooted\n//twice", &["rooted", "twice"], &[]),
        ("*\n/!x", &["y"], &["x"]),
        ("\n\n   \n", &[], &["x"]),
    ]);
}

#[test]
fn patterns_keep_their_places() {
    let text = "\u{feff}# c\r\n  !a//b \r\nsoße/\n";
    let file = IgnoreFile::parse(text);
    let seen: Vec<_> =
        file.patterns().iter().map(|p| (&text[p.range()], p.line(), p.is_negated(), p.as_str())).collect();
    assert_eq!(seen, [("!a//b", 2, true, "a/b"), ("soße/", 3, false, "soße")]);
    assert!(file.errors().is_empty());
}

#[test]
fn anchors_folders_and_the_last_line() {
    check(&[
        ("lib", &["lib", "lib/a/b"], &["x/lib", "library"]),
        ("**/lib", &["lib", "x/lib", "x/y/lib/z"], &["xlib"]),
        ("foo/\n*.d/", &["foo", "a.d"], &[]),
        ("*/", &["a", "a/b"], &[]),
        ("**/", &["a", "a/b"], &[]),
        ("a/**", &["a/b", "a/b/c"], &["a", "ab"]),
        ("a\n!a/b", &["a", "a/c"], &["a/b", "a/b/c"]),
        ("!a\na", &["a"], &[]),
        ("a\n!a\na/b", &["a/b"], &["a", "a/c"]),
        (".\n./\n/\n..", &[], &["a", "."]),
        ("*\n!.", &["a"], &[]),
        ("A", &["A"], &["a"]),
    ]);
}

#[test]
fn wildcards_are_gos() {
    check(&[
        ("*", &["a", ".hidden", "a/b"], &[]),
        ("*.c", &["x.c", ".c"], &["d/x.c"]),
        ("a?c", &["abc", "aéc"], &["a/c", "ac"]),
        ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["ab", "a/xb"]),
        ("a**b", &["ab", "ax/b", "a/b"], &["axb"]),
        ("a**", &["a", "ab", "abc/d"], &["b"]),
        ("**foo", &["foo", "barfoo", "x/barfoo"], &["foox"]),
        ("**foo*", &["foo", "x/foo", "x/foobar"], &["barfoo"]),
        ("**/*.log", &["a.log", "x/y/.log"], &["a.logs"]),
        ("**/*.x", &["a.x", "b/a\n.x"], &["a\nb/c.x", "b/a.xy"]),
        ("a?/b*[cd]", &["a1/bc", "aé/béd"], &["a1/c", "a1/b", "a//bc", "a1/b/c"]),
        ("****x", &["x", "y/x"], &["yx"]),
        ("{a,b}", &["{a,b}"], &["a", "b"]),
        ("a.b+c(d)|e$", &["a.b+c(d)|e$"], &["axb+c(d)|e$"]),
        ("*a.b+c(d)|e$", &["xa.b+c(d)|e$"], &["xaxb+c(d)|e$"]),
    ]);
}

#[test]
fn classes_and_escapes_are_gos_regexps() {
    check(&[
        ("[a-c]x", &["ax", "cx"], &["dx", "-x"]),
        ("[^a]x", &["bx"], &["ax"]),
        ("[!a]x", &["!x", "ax"], &["bx"]),
        ("a[^b]c", &["a/c", "axc"], &["abc"]),
        ("[[:alpha:]]x", &["qx"], &["1x"]),
        ("[\\]]x", &["]x"], &["\\x"]),
        // The star is translated although it is in a class: one of `[^/`, any number of times, and `]`.
        ("[*]", &["]", "[]", "^/[]"], &["*"]),
        ("\\*", &["*"], &["x", "\\*"]),
        ("\\d", &["7"], &["d"]),
        ("\\w?", &["_x"], &["-x"]),
        ("\\Da", &["xa"], &["1a"]),
        ("^x", &["^x"], &["x"]),
        ("^x*", &["xy"], &["^xy"]),
        ("a^*", &[], &["a^", "a"]),
        ("\\bx", &["x"], &["bx"]),
        ("\\x41?", &["AB"], &["x41B"]),
        ("\\pN?", &["1x", "٣x"], &["ax"]),
        ("\\101*", &["Ab"], &["b"]),
        ("\\Qa", &["a$", "a$b"], &["a"]),
    ]);
    let file = IgnoreFile::parse("?x");
    assert!(Matcher::new(&file).verdict(b"\xffx").is_excluded(), "a byte that is not UTF-8 is one character");
    assert!(!Matcher::new(&file).verdict(b"\xff\xfex").is_excluded());
}

#[test]
fn faults_are_found_with_their_place() {
    let early = ["[", "a[", "[]a]", "[-x]", "[x-]", "\\", "a\\", "[]", "[^]", "[a-b-c]"];
    for pattern in early {
        let text = format!("ok\n{pattern}\n");
        let file = IgnoreFile::parse(&text);
        assert_eq!(file.errors().len(), 1, "{pattern}");
        let error = &file.errors()[0];
        assert_eq!((error.line(), &text[error.range()]), (2, pattern));
        assert_eq!(*error.kind(), ErrorKind::Syntax { pattern: pattern.to_owned() });
        assert_eq!(
            error.to_string(),
            format!("invalid excludepatterns: [{pattern}]: syntax error in pattern")
        );
        assert!(verdicts(&text, &["x".to_owned()]).is_err());
    }
    for pattern in ["!", "!/", "! "] {
        let file = IgnoreFile::parse(pattern);
        assert_eq!(*file.errors()[0].kind(), ErrorKind::IllegalExclusion, "{pattern}");
        assert_eq!(file.errors()[0].to_string(), "illegal exclusion pattern: \"!\"");
    }
    for pattern in ["[z-a]", "\\é", "\\k", "\\pX", "\\1"] {
        let file = IgnoreFile::parse(pattern);
        assert_eq!(*file.errors()[0].kind(), ErrorKind::LateSyntax { pattern: pattern.to_owned() });
        assert!(verdicts(pattern, &["x".to_owned()]).is_err());
        // Not compared, no fault: `x` is left out already, and a `!` is not asked for what is kept.
        assert_eq!(verdicts(&format!("x\n{pattern}"), &["x".to_owned()]), Ok(vec![true]));
        assert_eq!(verdicts(&format!("!{pattern}"), &["x".to_owned()]), Ok(vec![false]));
    }
}

#[test]
fn lines_have_a_longest_length() {
    let fits = "y".repeat(MAX_LINE_BYTES);
    assert!(IgnoreFile::parse(&format!("{fits}\nx")).errors().is_empty());
    let file = IgnoreFile::parse(&format!("x\n{fits}y\nz"));
    assert_eq!(*file.errors()[0].kind(), ErrorKind::LineTooLong { bytes: MAX_LINE_BYTES + 1 });
    assert_eq!((file.errors()[0].line(), file.patterns().len()), (2, 2));
}

#[test]
fn parents_hand_their_hits_down() {
    check(&[
        ("**/x\n!a", &["a/x", "x"], &["a", "a/y"]),
        ("*\n!**/*.js", &["src", "src/a.ts"], &["src/a.js"]),
        ("a\n!a/b\na/b/c", &["a/b/c/d"], &["a/b/d"]),
    ]);
    let file = IgnoreFile::parse("a\n!a/b\n");
    let matcher = Matcher::new(&file);
    let (verdict, state) = matcher.enter(matcher.root(), b"a");
    assert_eq!((verdict.is_excluded(), verdict.pattern(), verdict.fault()), (true, Some(0), None));
    assert_eq!(matcher.enter(state, b"a/b").0.pattern(), Some(1));
    assert_eq!(matcher.enter(state, b"a/c").0.pattern(), Some(0));
    let mut hits = Vec::new();
    let all = IgnoreFile::parse("k*\nq\n!keep\n");
    let matcher = Matcher::new(&all);
    let (verdict, _) = matcher.enter_with(matcher.root(), b"keep", |n| hits.push(n));
    assert_eq!((verdict.is_excluded(), hits), (false, vec![0, 2]));
}

#[test]
fn folders_are_pruned_as_buildkit_does() {
    let prune =
        |patterns: &str, dir: &str| Matcher::new(&IgnoreFile::parse(patterns)).can_prune(dir.as_bytes());
    assert!(prune("a", "a"));
    assert!(prune("a\n!b", "a"));
    assert!(!prune("a\n!a/b/c", "a"));
    assert!(!prune("a\n!a/b/c", "a/b"));
    assert!(!prune("a\n!a/b", "a/b"));
    assert!(prune("a\n!a/b", "a/bc"));
    assert!(prune("a\n!ab", "a"));
    assert!(!prune("a\n!a/b/*", "a/b"));
    assert!(!prune("a\n!a/b/**", "a"));
    assert!(prune("a\n!c/**", "a"));
    assert!(!prune("a\n!*.md", "a"));
    assert!(!prune("a\n!x/*/y", "a"));
    // BuildKit cuts both ends here, skips `a/b/c`, and so never meets what the `!` would bring back.
    assert!(prune("a\n!a/b/*/**", "a/b/c"));
    assert!(out("a\n!a/b/*/**", "a/b/c/d"));
    assert!(!out("a\n!a/b/*/**\n!q?", "a/b/c/d"));
    assert!(Matcher::new(&IgnoreFile::parse("!x?")).walks_all());
}

#[test]
fn the_ignore_file_beside_the_dockerfile_comes_first() {
    let [own, shared] = candidates(Path::new("deploy/Api.Dockerfile"), Path::new("ctx"));
    assert_eq!(own, Path::new("deploy/Api.Dockerfile.dockerignore"));
    assert_eq!(shared, Path::new("ctx/.dockerignore"));
}

#[test]
fn go_path_match() {
    for (pattern, name) in
        [("a*b", "axxb"), ("*/x", "q/x"), ("[^a]", "b"), ("\\*", "*"), ("a**", "abc"), ("?", "é"), ("*", "")]
    {
        assert!(path_match(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
    }
    for (pattern, name) in
        [("a*", "a/b"), ("?", "/"), ("[a-c]", "d"), ("a", "ab"), ("[", "["), ("**/x", "a/b/x")]
    {
        assert!(!path_match(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
    }
    assert_eq!(["a", "", "/..", "a/../..", "/a//b/./c/"].map(clean), ["a", ".", "/", "..", "/a/b/c"]);
}

/// BuildKit's walk, told plainly: a list of hits per folder, no shortcuts.
fn plain_walk(file: &IgnoreFile, path: &str) -> bool {
    let mut above = vec![false; file.patterns().len()];
    let mut excluded = false;
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        excluded = false;
        for (pattern, hit) in file.patterns().iter().zip(&mut above) {
            if !*hit && pattern.is_negated() == excluded {
                *hit = pattern.hits(&path.as_bytes()[..end]);
            }
            if *hit {
                excluded = !pattern.is_negated();
            }
        }
        if excluded && end < path.len() && plainly_pruned(file, &path[..end]) {
            break;
        }
    }
    excluded
}

fn plainly_pruned(file: &IgnoreFile, dir: &str) -> bool {
    file.patterns().iter().filter(|p| p.is_negated()).all(|p| {
        let text = p.as_str().strip_suffix("/**").unwrap_or(p.as_str());
        let text = text.strip_suffix("/*").unwrap_or(text);
        !text.contains(['*', '?', '[', ']', '^', '\\']) && !format!("{text}/").starts_with(&format!("{dir}/"))
    })
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        &from[(self.0 >> 33) as usize % from.len()]
    }

    fn path(&mut self, parts: &[&str]) -> String {
        let length = *self.roll(&[1usize, 1, 2, 2, 3, 4]);
        (0..length).map(|_| *self.roll(parts)).collect::<Vec<_>>().join("/")
    }
}

#[test]
fn the_matcher_agrees_with_the_plain_walk() {
    const PARTS: [&str; 10] = ["a", "b", "ab", "a.x", "b.x", "**", "*", "*.x", "?", "[^a]"];
    let mut dice = Dice(7);
    for round in 0..1000 {
        // Few patterns are compared one by one, many are looked up: both ways are taken.
        let lines = if round % 10 == 0 { 300 } else { *dice.roll(&[1, 2, 3, 5, 8]) };
        let mut text = String::new();
        for _ in 0..lines {
            let sign: &str = dice.roll::<&str>(&["", "", "!"]);
            text.push_str(sign);
            text.push_str(&dice.path(&PARTS));
            text.push('\n');
        }
        let file = IgnoreFile::parse(&text);
        let matcher = Matcher::new(&file);
        for _ in 0..12 {
            let path = dice.path(&PARTS[..5]);
            assert_eq!(matcher.is_excluded(&path), plain_walk(&file, &path), "{text:?} {path:?}");
        }
    }
}

#[test]
fn hostile_patterns_end() {
    let path = format!("{}/{}", "a".repeat(2000), "ab".repeat(1000));
    let many_stars = "a*".repeat(30_000);
    let deep = format!("{}b", "**/a/".repeat(2000));
    let marks = format!("*{}", "\\b^".repeat(500));
    let classes = "[a-b]*[^c]".repeat(200);
    for pattern in [many_stars, deep, marks, classes, "*".repeat(60_000), "?".repeat(60_000)] {
        let file = IgnoreFile::parse(&pattern);
        let _ = Matcher::new(&file).is_excluded(&path);
    }
    let many: String = (0..30_000).map(|n| format!("!dir{n}/**/f*{n}\ndir{n}\n")).collect();
    let file = IgnoreFile::parse(&many);
    assert!(Matcher::new(&file).is_excluded("dir77/x"));
    assert!(!Matcher::new(&file).is_excluded("dir/x"));
}

#[test]
fn a_pattern_and_its_opposite_by_turns_are_read_in_order() {
    let text = "d*/f*\n!d*/f*\n".repeat(300);
    let verdict = |text: &str| verdicts(text, &["d1/f1".to_owned(), "e".to_owned()]).unwrap();
    assert_eq!(verdict(&text), [false, false]);
    assert_eq!(verdict(&format!("{text}d*/f*\n")), [true, false]);
}
