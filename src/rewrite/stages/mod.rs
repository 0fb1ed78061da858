//! A Dockerfile of one stage as one of two: what only the build needs stays in the first.
//!
//! The instructions of the user stay as they are; each goes to the stage that needs it, or to both. Where
//! that cannot be told, there is no proposal.

mod calls;
mod compiled;
mod dotnet;
mod draft;
mod go;
mod interpreted;
mod java;
mod libraries;
mod node;
mod php;
mod python;
mod ruby;
mod rust;
mod sort;
mod system;
#[cfg(test)]
mod tests;

use crate::knowledge::Family;
use crate::semantic::{Analysis, Base, Cmd, Model, Stage, family};
use crate::size::siblings;
use crate::syntax::{ImageRef, Kind, Value, parse};
use crate::text::Source;

use super::proposal::{MAX_STEPS, NoProposal, Project, Proposal, Try};
use super::sources::Sources;

/// What is known of the one stage.
#[derive(Clone, Copy)]
pub(super) struct Case<'m> {
    model: &'m Analysis,
    stage: &'m Stage,
    image: &'m ImageRef,
    project: Project<'m>,
    sources: &'m Sources<'m>,
}

/// Proposes a Dockerfile with a stage that builds and a smaller one that runs.
///
/// # Errors
/// If it has several stages, nothing is built in it, or it cannot be told what the image needs.
pub(super) fn propose(
    model: &Analysis,
    project: Project<'_>,
    sources: &Sources<'_>,
) -> Result<Proposal, NoProposal> {
    let case = Case::new(model, project, sources)?;
    let (draft, mut notes) = match case.image.repository() {
        "python" => python::draft(&case)?,
        "node" => node::draft(&case)?,
        "golang" => go::draft(&case)?,
        "rust" => rust::draft(&case)?,
        "maven" | "gradle" | "openjdk" | "eclipse-temurin" => java::draft(&case)?,
        "sdk" if &*case.image.registry == "mcr.microsoft.com" => dotnet::draft(&case)?,
        "ruby" => ruby::draft(&case)?,
        "php" => php::draft(&case)?,
        other => {
            let step = case.stage.steps.start;
            return Err(NoProposal::at(
                model,
                step,
                format!("dlint does not know how to split an image based on `{other}`"),
            ));
        }
    };
    let text = draft.render();
    check(&case, &text)?;
    if case.image.digest.is_some() && !draft.last_from.contains('@') {
        notes.push(format!(
            "the first stage starts from a digest, `{}` does not: add the one that its registry has",
            draft.last_from
        ));
    }
    Ok(Proposal { text, changes: Vec::new(), notes })
}

impl<'m> Case<'m> {
    fn new(model: &'m Analysis, project: Project<'m>, sources: &'m Sources<'m>) -> Try<Self> {
        let general = NoProposal::general;
        if let Some(error) = model.file.errors.first() {
            let line = model.file.source.lines().line(error.span.start);
            return Err(NoProposal {
                line: Some(line),
                why: "it has a fault that stops the build".to_owned(),
            });
        }
        let [stage] = &*model.stages else {
            let why =
                if model.stages.is_empty() { "there is no FROM" } else { "it already has several stages" };
            return Err(general(why));
        };
        let from = stage.steps.start;
        if stage.steps.len() > MAX_STEPS {
            return Err(general("more than 500 instructions are too many to be divided"));
        }
        let Base::Image(image) = &stage.base else {
            return Err(NoProposal::at(model, from, "the base image is not known"));
        };
        if family(image) == Family::Windows {
            return Err(NoProposal::at(model, from, "images for Windows have no smaller sibling here"));
        }
        let entry = model.entry(stage);
        if entry.is_empty() {
            return Err(general("there is no CMD or ENTRYPOINT, so what the image runs is not known"));
        }
        for cmd in model.entry_commands(entry) {
            if cmd.needs_toolchain() || cmd.is_dev_server() {
                let why = format!("it runs `{}`, which may need the tools of the build", cmd.head());
                return Err(NoProposal::at(model, cmd.step(), why));
            }
            if cmd.runs_script() {
                let why = format!("what `{}` needs when it runs is not known", cmd.program());
                return Err(NoProposal::at(model, cmd.step(), why));
            }
        }
        if model.entry_commands(entry).next().is_none() {
            let step = entry.cmd.or(entry.entrypoint).unwrap_or(from);
            return Err(NoProposal::at(model, step, "what it runs is not known"));
        }
        for (step, instruction) in model.instructions_of(stage) {
            if instruction.is_trigger() || matches!(instruction.kind, Kind::Unknown) {
                return Err(NoProposal::at(model, step, "it cannot be told which stage needs this"));
            }
        }
        Ok(Self { model, stage, image, project, sources })
    }

    /// The base image as it would be written for its smaller sibling with the same C library.
    fn slim(&self) -> Option<String> {
        if self.tie().is_some() {
            return None;
        }
        // A digest is of one image, not of its siblings.
        let image = ImageRef { digest: None, ..self.image.clone() };
        let sibling = siblings(&image).into_iter().find(|s| !s.reference.contains("alpine"))?;
        self.written(&sibling.reference)
    }

    /// `reference`, which is the base with something put in, in the way in which the file writes that:
    /// variables stay.
    fn written(&self, reference: &str) -> Option<String> {
        let word = self.stage.base_word.as_ref()?;
        if !word.text.contains('$') {
            return Some(reference.to_owned());
        }
        let Value::Known(value) = &self.stage.base_value else { return None };
        let same = value.bytes().zip(reference.bytes()).take_while(|(a, b)| a == b).count();
        let (tail, longer) = (value.get(same..)?, reference.get(same..)?);
        let added = longer.strip_suffix(tail)?;
        let start = word.text.strip_suffix(tail)?;
        Some(format!("{start}{added}{tail}"))
    }

    /// The base image as written.
    fn base(&self) -> String {
        self.stage.base_word.as_ref().map_or_else(String::new, |w| w.text.to_string())
    }

    /// True if the image is one of Alpine.
    fn is_alpine(&self) -> bool {
        family(self.image) == Family::Alpine
    }

    /// The steps behind the FROM.
    fn steps(&self) -> impl Iterator<Item = usize> + use<> {
        self.stage.steps.clone().skip(1)
    }

    /// The commands that run in the image that is built.
    fn entry_commands(&self) -> Vec<Cmd<'m>> {
        self.model.entry_commands(self.model.entry(self.stage)).collect()
    }

    /// The line that takes a file from the stage that builds.
    fn taking(&self, from: &str, to: &str) -> String {
        let name = self.build_name();
        match [from, to].iter().any(|path| path.contains(char::is_whitespace)) {
            true => format!("COPY --from={name} {}", serde_json::json!([from, to])),
            false => format!("COPY --from={name} {from} {to}"),
        }
    }

    /// The name of the stage that builds.
    fn build_name(&self) -> String {
        match self.stage.name.as_deref() {
            Some(name) if matches!(name, "build" | "builder") => name.to_owned(),
            _ => "build".to_owned(),
        }
    }

    fn working(&self, step: usize) -> Try<String> {
        let known = self.model.workdir(step).known().map(|w| w.trim_end_matches('/').to_owned());
        match known
            .or_else(|| self.model.base_workdir(self.stage).map(|w| w.trim_end_matches('/').to_owned()))
        {
            // Instructions would read these in another way.
            Some(path) if path.contains(|c: char| c.is_whitespace() || "$[]*?\\\"'".contains(c)) => {
                Err(NoProposal::at(
                    self.model,
                    step,
                    "the name of the working directory has special characters, which COPY reads in its own way",
                ))
            }
            Some(path) => Ok(path),
            None => Err(NoProposal::at(self.model, step, "the working directory is not known")),
        }
    }

    /// The files that a source of a copy brings alone: it names files, not a folder.
    fn copies_only(&self, step: usize, is: impl Fn(&str) -> bool) -> bool {
        let mut copies = self.model.copies.iter().filter(|c| c.step == step && !c.mount).peekable();
        copies.peek().is_some()
            && copies.all(|copy| {
                copy.sources.iter().all(|s| {
                    s.value.known().is_some_and(|v| is(v.trim_start_matches("./").trim_start_matches('/')))
                })
            })
    }
}

/// What must be true of any proposal: it reads without faults, has two stages and runs the same.
fn check(case: &Case<'_>, text: &str) -> Try<()> {
    let file = parse(Source::from_text("proposal", text));
    let model = Model::new(file);
    let runs = |model: &Model, stage: &Stage| -> Vec<String> {
        let entry = model.entry(stage);
        entry.steps().map(|s| model.instruction(s).arguments_text().to_owned()).collect()
    };
    let same = model.final_stage().is_some_and(|s| runs(&model, s) == runs(case.model, case.stage));
    if !model.file.errors.is_empty()
        || model.stages.len() != 2
        || !same
        || !model.stages.iter().all(|s| s.reachable)
    {
        return Err(NoProposal::general("the result would not be a valid Dockerfile that runs the same"));
    }
    Ok(())
}
