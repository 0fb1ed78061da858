use std::io::{self, BufRead, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::report::sanitize;
use crate::syntax;
use crate::text::Gather;
use crate::workspace::read_source;

use super::Exit;
use super::args::DebugCommand;

/// Shows how dlint reads its inputs.
pub(super) fn run(what: &DebugCommand) -> io::Result<Exit> {
    match what {
        DebugCommand::Instructions { files } => instructions(files),
        DebugCommand::Ast { file } => ast(file),
        DebugCommand::Targets(args) => super::targets::debug(args),
        DebugCommand::Ignored => ignored(),
    }
}

#[derive(Serialize)]
struct Instructions<'a> {
    file: &'a str,
    instructions: Vec<(&'a str, u32, u32)>,
}

fn instructions(files: &[std::path::PathBuf]) -> io::Result<Exit> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Clean;
    for path in files {
        let name = path.display().to_string();
        let file = match read_source(path, &name) {
            Ok(source) => syntax::parse(source),
            Err(message) => {
                eprintln!("dlint: {} {message}", sanitize(&name));
                exit = Exit::Failure;
                continue;
            }
        };
        let shown = |i: &syntax::Instruction| (i.first_keyword().text(file.text()), i.lines.0, i.lines.1);
        let instructions = file.instructions.iter().map(shown).collect();
        serde_json::to_writer(&mut out, &Instructions { file: &name, instructions })?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(exit)
}

fn ast(path: &Path) -> io::Result<Exit> {
    let name = path.display().to_string();
    match read_source(path, &name) {
        Ok(source) => {
            let file = syntax::parse(source);
            let mut out = io::BufWriter::new(io::stdout().lock());
            for instruction in &file.instructions {
                writeln!(out, "{instruction:#?}")?;
            }
            for error in &file.errors {
                writeln!(out, "{error:#?}")?;
            }
            out.flush()?;
            Ok(Exit::Clean)
        }
        Err(message) => {
            eprintln!("dlint: {} {message}", sanitize(&name));
            Ok(Exit::Failure)
        }
    }
}

#[derive(Deserialize)]
struct Question {
    patterns: String,
    #[serde(default)]
    paths: Vec<String>,
}

fn ignored() -> io::Result<Exit> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let question: Question = serde_json::from_str(&line)?;
        let answer = match dockerignore::verdicts(&question.patterns, &question.paths) {
            Ok(verdicts) => {
                let paths: serde_json::Map<String, serde_json::Value> =
                    question.paths.into_iter().zip(verdicts.into_iter().map(Into::into)).gather();
                serde_json::json!({ "paths": paths })
            }
            Err(error) => serde_json::json!({ "error": error.to_string(), "line": error.line() }),
        };
        serde_json::to_writer(&mut out, &answer)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}
