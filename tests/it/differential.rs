//! Our parser beside two others, on what they accept.

use std::fs;
use std::path::{Path, PathBuf};

use dlint::internals::syntax::{self, Keyword};
use dlint::internals::text::Source;
use parse_dockerfile::Instruction;

/// Where instructions start, as our parser sees them.
fn ours(text: &str) -> Vec<usize> {
    let file = syntax::parse(Source::from_text("Dockerfile", text));
    file.instructions.iter().map(|i| i.first_keyword().start as usize).collect()
}

/// The same by `dockerfile-parser`; `None` where it fails.
fn dockerfile_parser(text: &str) -> Option<Vec<usize>> {
    let file = dockerfile_parser::Dockerfile::parse(text).ok()?;
    Some(file.instructions.iter().map(|i| i.span().start).collect())
}

/// The same by `parse-dockerfile`; `None` where it fails.
fn parse_dockerfile(text: &str) -> Option<Vec<usize>> {
    let file = parse_dockerfile::parse(text).ok()?;
    let start = |i: &Instruction<'_>| match i {
        Instruction::Add(i) => i.add.span.start,
        Instruction::Arg(i) => i.arg.span.start,
        Instruction::Cmd(i) => i.cmd.span.start,
        Instruction::Copy(i) => i.copy.span.start,
        Instruction::Entrypoint(i) => i.entrypoint.span.start,
        Instruction::Env(i) => i.env.span.start,
        Instruction::Expose(i) => i.expose.span.start,
        Instruction::From(i) => i.from.span.start,
        Instruction::Healthcheck(i) => i.healthcheck.span.start,
        Instruction::Label(i) => i.label.span.start,
        Instruction::Maintainer(i) => i.maintainer.span.start,
        Instruction::Onbuild(i) => i.onbuild.span.start,
        Instruction::Run(i) => i.run.span.start,
        Instruction::Shell(i) => i.shell.span.start,
        Instruction::Stopsignal(i) => i.stopsignal.span.start,
        Instruction::User(i) => i.user.span.start,
        Instruction::Volume(i) => i.volume.span.start,
        Instruction::Workdir(i) => i.workdir.span.start,
        other => panic!("a new instruction: {other:?}"),
    };
    Some(file.instructions.iter().map(start).collect())
}

fn dockerfiles(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            dockerfiles(&path, out);
        } else if dlint::internals::engine::is_dockerfile_name(&name) {
            out.push(path);
        }
    }
}

struct Tally {
    name: &'static str,
    accepted: usize,
    same: usize,
    differ: Vec<String>,
}

fn compare(folder: &Path) -> (usize, [Tally; 2]) {
    let tally = |name| Tally { name, accepted: 0, same: 0, differ: Vec::new() };
    let mut tallies = [tally("dockerfile-parser"), tally("parse-dockerfile")];
    let mut paths = Vec::new();
    dockerfiles(folder, &mut paths);
    paths.sort();
    let mut files = 0;
    for path in paths {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        // Offsets behind a byte order mark are counted differently.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
        files += 1;
        let ours = ours(&text);
        for (tally, theirs) in tallies.iter_mut().zip([dockerfile_parser(&text), parse_dockerfile(&text)]) {
            let Some(theirs) = theirs else { continue };
            tally.accepted += 1;
            if theirs == ours {
                tally.same += 1;
            } else {
                tally.differ.push(path.display().to_string());
            }
        }
    }
    (files, tallies)
}

#[test]
fn instructions_agree_on_the_projects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let (files, tallies) = compare(&folder);
    assert!(files >= 15, "{files} files");
    for tally in tallies {
        assert!(tally.accepted >= 10, "{} accepts {}", tally.name, tally.accepted);
        assert!(tally.differ.is_empty(), "{}: {:#?}", tally.name, tally.differ);
    }
}

#[test]
fn instructions_agree_on_every_form() {
    for text in [
        "FROM a\nRUN b \\\n  # c\n  && d\n",
        "ARG A=1\nFROM a:$A AS b\nENV x=1 \\\n    y=2\nCMD [\"a\", \"b\"]\n",
        "FROM a\nLABEL a=b c=\"d e\"\nEXPOSE 80 443/tcp\nUSER 1\nWORKDIR /x\nVOLUME /y\nSTOPSIGNAL 9\n",
        "FROM --platform=linux/amd64 a\nCOPY --from=b --chown=1:1 x y /z/\nADD x y\nENTRYPOINT a b\n",
        "FROM a\nHEALTHCHECK NONE\nONBUILD RUN x\nSHELL [\"sh\", \"-c\"]\n",
    ] {
        let ours = ours(text);
        for theirs in [dockerfile_parser(text), parse_dockerfile(text)].into_iter().flatten() {
            assert_eq!(ours, theirs, "{text}");
        }
    }
}

/// What the README says of `dockerfile-parser`, at its root: it knows no here-documents and stops at
/// the first error.
#[test]
fn why_dockerfile_parser_is_no_parser_for_us() {
    let heredoc = "FROM a\nRUN <<EOF\necho one\necho two\nEOF\n";
    assert_eq!(ours(heredoc).len(), 2);
    assert_ne!(dockerfile_parser(heredoc), Some(ours(heredoc)));
    let fault = "FROM a\nENV b\nCMD c\n";
    let file = syntax::parse(Source::from_text("Dockerfile", fault));
    assert_eq!(file.instructions.len(), 3);
    assert_eq!(file.instructions[2].keyword, Keyword::Cmd);
    assert_eq!(dockerfile_parser(fault), None);
}

/// Measures over a folder of real files:
/// `DLINT_CORPUS=DIR cargo test --test it corpus -- --ignored --nocapture`.
#[test]
#[ignore = "needs a folder of Dockerfiles: DLINT_CORPUS=DIR"]
fn measured_on_a_corpus() {
    let folder = std::env::var_os("DLINT_CORPUS").expect("DLINT_CORPUS names a folder");
    let (files, tallies) = compare(Path::new(&folder));
    assert!(files > 0, "no Dockerfile in {}", folder.display());
    for tally in &tallies {
        assert!(tally.same > 0, "{} accepts {}", tally.name, tally.accepted);
        let failed = files - tally.accepted;
        println!(
            "{}: fails on {failed} of {files} ({:.1} %), agrees on {} of {}",
            tally.name,
            100.0 * failed as f64 / files as f64,
            tally.same,
            tally.accepted
        );
        for path in tally.differ.iter().take(20) {
            println!("  differs: {path}");
        }
    }
}
