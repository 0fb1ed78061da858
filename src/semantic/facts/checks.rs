//! Where checksums and signatures are compared.

use super::super::Model;

/// The last command of a step that compares a checksum or a signature.
#[derive(Debug, Clone, Copy)]
pub(in crate::semantic) struct Check {
    step: usize,
    /// Where the command starts in the file.
    start: u32,
}

impl Model {
    /// Where the last command of a step that compares a checksum or a signature starts in the file, for each of
    /// `steps` that has one.
    pub fn last_checks(&self, steps: std::ops::Range<usize>) -> impl Iterator<Item = u32> {
        let checks = self.facts.checks.get_or_init(|| all(self));
        let from = checks.partition_point(|c| c.step < steps.start);
        checks[from..].iter().take_while(move |c| c.step < steps.end).map(|c| c.start)
    }
}

fn all(model: &Model) -> Vec<Check> {
    let mut found: Vec<Check> = Vec::new();
    for cmd in model.commands().filter(super::super::Cmd::verifies) {
        let (step, start) = (cmd.step(), cmd.shell().span.start);
        match found.last_mut().filter(|last| last.step == step) {
            Some(last) => last.start = last.start.max(start),
            None => found.push(Check { step, start }),
        }
    }
    found
}
