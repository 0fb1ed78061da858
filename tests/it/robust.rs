//! Text that nobody meant to write: whatever it is, every stage answers, and answers with places that exist.

use std::fs;
use std::path::{Path, PathBuf};

use dlint::internals::config::{Config, Settings};
use dlint::internals::diag::{Applicability, Finding, Origin};
use dlint::internals::engine::{self, Fixer};
use dlint::internals::rules::{Catalogue, Choice};
use dlint::internals::semantic::{Analysis, Model};
use dlint::internals::size;
use dlint::internals::syntax::{self, File, Kind, MAX_INSTRUCTION_BYTES, MAX_INSTRUCTIONS, SyntaxErrorKind};
use dlint::internals::text::{Source, Span};

/// Knuth's MMIX generator: the same mutants on every machine.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// Pieces that mean something to some part of the parser.
const PIECES: [&[u8]; 40] = [
    b"\\\n",
    b"`\n",
    b"\r\n",
    b"\n",
    b"\\",
    b"`",
    b"#",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc3\xa9",
    b"\xf0\x9f\x90\xb3",
    b"\x1b",
    b"<<EOF\n",
    b"<<-'E'\n",
    b"EOF\n",
    b"$",
    b"${a:-",
    b"${a//b/",
    b"$(",
    b"$((",
    b"))",
    b")",
    b"}",
    b"'",
    b"\"",
    b"[\"",
    b"\"]",
    b"&& ",
    b"| ",
    b";",
    b"FROM a AS b\n",
    b"ONBUILD ",
    b"RUN ",
    b"COPY --from=b ",
    b"--mount=type=bind,",
    b"HEALTHCHECK CMD ",
    b"# dlint ignore=a",
    b"# escape=`\n",
    b"SHELL [\"cmd\"]\n",
    b"apt-get update && apt-get install -y x\n",
];

fn swap_lines(bytes: &mut Vec<u8>, random: &mut Lcg) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    if !lines.is_empty() {
        let (a, b) = (random.below(lines.len()), random.below(lines.len()));
        lines.swap(a, b);
        *bytes = lines.concat();
    }
}

fn mutate(random: &mut Lcg, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(12)).min(bytes.len());
        match random.below(9) {
            0 => drop(bytes.drain(at..end)),
            1 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            2 => bytes.truncate(at),
            3 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let to = (from + random.below(80)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            4 => swap_lines(&mut bytes, random),
            5 => {
                // Doubled, so that two of a kind stand side by side.
                let piece = bytes[at..end].to_vec();
                drop(bytes.splice(end..end, piece));
            }
            _ => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
        }
    }
    bytes
}

fn is_place(text: &str, span: Span) -> bool {
    span.start <= span.end && text.get(span.range()).is_some()
}

fn check_file(file: &File) {
    let text = file.text();
    let mut at = 0;
    for item in &file.items {
        assert_eq!(item.span.start, at, "items tile the text");
        assert!(is_place(text, item.span));
        at = item.span.end;
    }
    assert_eq!(at as usize, text.len(), "items reach the end");
    for instruction in &file.instructions {
        let mut spans = vec![instruction.span, instruction.keyword_span, instruction.arguments];
        spans.extend([instruction.keyword_span, instruction.arguments]);
        spans.extend(instruction.flags.iter().map(|f| f.value_span));
        spans.extend(instruction.heredocs.iter().flat_map(|h| [h.marker, h.body]));
        spans.extend(instruction.mounts.iter().map(|m| m.span));
        for span in spans {
            assert!(is_place(text, span), "{span:?} of {instruction:?}");
        }
    }
    for error in &file.errors {
        assert!(is_place(text, error.span), "{error:?}");
        assert!(error.related.is_none_or(|(span, _)| is_place(text, span)), "{error:?}");
        assert!(error.meant.is_none() || error.help.is_some(), "{error:?}");
    }
    assert!(file.errors.is_sorted_by_key(|e| e.span), "errors are in the order of the text");
    let spans: Vec<Span> = file.instructions.iter().map(|i| i.span).collect();
    assert!(spans.windows(2).all(|w| w[0].end <= w[1].start), "instructions do not overlap");
}

fn check_findings(file: &File, findings: &[Finding]) {
    for finding in findings.iter().filter(|f| f.origin == Origin::Dockerfile) {
        assert!(is_place(file.text(), finding.span), "{finding:?}");
        assert!(finding.labels.iter().all(|l| is_place(file.text(), l.span)), "{finding:?}");
    }
}

fn check_scripts(model: &Model) {
    let text = model.file.text();
    for command in model.scripts.iter().flat_map(|s| &s.script.commands) {
        assert!(is_place(text, command.span), "{command:?}");
        assert!(command.words.iter().all(|w| is_place(text, w.span)), "{command:?}");
    }
}

fn check(bytes: Vec<u8>, settings: &Settings) {
    // What holds a NUL byte is no text, and is refused.
    let Ok(source) = Source::from_bytes("Dockerfile", bytes) else { return };
    let analysis = Analysis::new(Model::new(syntax::parse(source)));
    check_file(&analysis.file);
    let lint = |analysis: &Analysis| {
        check_scripts(analysis);
        let findings = engine::lint(analysis, settings);
        check_findings(&analysis.file, &findings);
        findings
    };
    let fixed = Fixer::new(Applicability::Unsafe).fixpoint(analysis, lint);
    check_file(&fixed.analysis.file);
}

fn everything() -> Settings {
    let choice =
        Choice { select: Some(vec![Catalogue::default().select("all").unwrap()]), ..Choice::default() };
    Config::default().settings(Path::new("Dockerfile"), &choice, None)
}

fn dockerfiles(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            dockerfiles(&path, out);
        } else if engine::is_dockerfile_name(&path.file_name().unwrap().to_string_lossy()) {
            out.push(path);
        }
    }
}

fn hold(folder: &Path, mutants: usize, seed: u64) {
    let mut paths = Vec::new();
    dockerfiles(folder, &mut paths);
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|p| fs::read(p).unwrap()).collect();
    assert!(seeds.len() >= 10, "{} seeds", seeds.len());
    let settings = everything();
    let mut random = Lcg(seed);
    for number in 0..mutants {
        let bytes = mutate(&mut random, &seeds);
        let kept = bytes.clone();
        let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(bytes, &settings)));
        assert!(held.is_ok(), "mutant {number}: {:?}", String::from_utf8_lossy(&kept));
    }
}

#[test]
fn mutants_of_the_projects_do_no_harm() {
    hold(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"), 3_000, 1);
}

/// `DLINT_CORPUS=DIR DLINT_MUTANTS=200000 DLINT_SEED=7 cargo test --test it fuzz -- --ignored`.
#[test]
#[ignore = "needs a folder of Dockerfiles: DLINT_CORPUS=DIR"]
fn fuzzed_from_a_folder() {
    let folder = std::env::var_os("DLINT_CORPUS").expect("DLINT_CORPUS names a folder");
    let number = |name: &str, or: u64| std::env::var(name).map_or(or, |v| v.parse().unwrap());
    hold(
        Path::new(&folder),
        usize::try_from(number("DLINT_MUTANTS", 10_000)).unwrap(),
        number("DLINT_SEED", 7),
    );
}

#[test]
fn too_many_instructions_are_said_and_not_read() {
    let mut text = "A\n".repeat(MAX_INSTRUCTIONS);
    let kinds = |text: &str| {
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        check_file(&file);
        assert_eq!(file.instructions.len(), MAX_INSTRUCTIONS);
        let found = file.errors.iter().filter(|e| e.kind == SyntaxErrorKind::TooManyInstructions);
        found.map(|e| e.span.text(text).to_owned()).collect::<Vec<_>>()
    };
    text += "# no instruction\n\n";
    assert!(kinds(&text).is_empty());
    text += "RUN one more\nRUN another";
    assert_eq!(kinds(&text), ["RUN one more"]);
}

#[test]
fn an_endless_instruction_is_said_and_not_read() {
    let words = "a \\\n".repeat(MAX_INSTRUCTION_BYTES / 2);
    let file = syntax::parse(Source::from_text("Dockerfile", format!("FROM a\nCOPY {words}b /\nUSER 1\n")));
    check_file(&file);
    assert_eq!(file.instructions.len(), 3);
    assert!(matches!(file.instructions[1].kind, Kind::Unknown));
    assert_eq!(file.errors.iter().map(|e| e.kind).collect::<Vec<_>>(), [SyntaxErrorKind::InstructionTooLong]);
}

/// Shapes that took quadratic time, or the stack: they end.
#[test]
fn shapes_that_could_hang_do_not() {
    let many = |line: &str, times: usize| format!("FROM alpine:3.20\n{}", line.repeat(times));
    let run = |open: &str, close: &str| {
        format!("FROM a\nRUN {}true{}\n", open.repeat(50_000), close.repeat(50_000))
    };
    for text in [
        many("RUN apk add curl\n", 10_000),
        many("RUN apt-get update && apt-get install x\n", 10_000),
        many("# dlint ignore=nothing\nRUN cd /\n", 5_000),
        format!("# dlint ignore={}\nFROM a\n", "a,".repeat(100_000)),
        format!("# check=skip={}\nFROM a\n", "A,".repeat(100_000)),
        run("$((", "))"),
        run("$(", ")"),
        run("\"$(echo ", ")\""),
        many("RUN <<E\n E\n", 10_000),
        (0..10_000).fold("FROM a\n".to_owned(), |text, i| text + &format!("RUN <<E{i}\n E{i}\n")),
        many("SHELL [\"/bin/bash\", \"-c\"]\nRUN a | b\n", 19_000),
        many("RUN echo don't <<E\nx\n", 15_000),
        format!("FROM a\nENV {}\n", "a=\"${b^} c ".repeat(20_000)),
        format!("FROM a\nRUN --mount={} true\n", "a=1,\"b\",".repeat(20_000)),
    ] {
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        check_file(&file);
        let model = Model::new(file.clone());
        let settings = everything();
        let findings = engine::lint(&Analysis::new(model), &settings);
        check_findings(&file, &findings);
        let _ = dlint::internals::rules::suppression::apply(&file, findings, &settings.rules, &|_, _| true);
    }
}

/// Shapes inside one instruction: where each command asks for all others, this takes minutes. How much more twice as
/// many take is counted by `tools/doubling.py`.
#[test]
fn a_long_instruction_takes_time_by_its_length() {
    let words = |head: &str, word: &str, end: &str| {
        let words: String = (0..8_000).map(|i| word.replace('@', &i.to_string())).collect();
        format!("FROM debian:12\n{head} {words}{end}\n")
    };
    let run = |command: &str| words("RUN", command, "true");
    let heredoc = |line: &str| words("RUN <<E\n", line, "E");
    for text in [
        run("pip install a; "),
        run("pip install $x@; "),
        run("apt-get install -y curl; "),
        run("apt-get update && apt-get install -y $x@ && "),
        run("apt-get remove -y a@; "),
        run("npm install; "),
        run("curl -O http://example.com/a; "),
        run("git clone https://example.com/a@; "),
        run("export A@=b; "),
        run("A@=b; echo $A@; "),
        run("cd /a@ && "),
        run("rm -rf /tmp/a@; "),
        run("find / -name a@ -delete; "),
        run("chmod -R 777 /a@; "),
        run("mv a@ b@; "),
        run("service a@ start; "),
        run("sudo id; "),
        run("cat <<< a@; "),
        run("a@ | b | c; "),
        run("sh -c 'a@'; "),
        run("echo a@ >> /b@; "),
        run("{ echo a@; } > /b@; "),
        run("mkdir /a@; "),
        heredoc("pip install a@\n"),
        words("RUN", "--mount=type=bind,source=a@,target=/a@ ", "true"),
        words("RUN pip install", "name@ ", ""),
        words("COPY", "src@ ", "/a/"),
        words("ENV", "A@=$B@ ", ""),
        words("LABEL", "a@=b ", ""),
        words("ARG", "A@ ", ""),
        words("EXPOSE", "@ ", ""),
    ] {
        let analysis = Analysis::new(Model::new(syntax::parse(Source::from_text("Dockerfile", text))));
        let settings = everything();
        let findings = engine::lint(&analysis, &settings);
        check_findings(&analysis.file, &findings);
        let plan = size::plan(&analysis, &settings.base_images, "amd64");
        assert_eq!(plan.stages.len(), 1);
    }
}

#[test]
fn a_comment_with_endless_names_is_said_once() {
    let text = format!("# dlint ignore={}\nFROM a\n", "a,".repeat(500));
    let file = syntax::parse(Source::from_text("Dockerfile", text));
    let outcome =
        dlint::internals::rules::suppression::apply(&file, Vec::new(), &everything().rules, &|_, _| true);
    assert_eq!(outcome.extra.len(), 101);
    assert!(outcome.extra[100].message.contains("only the first 100"));
}
