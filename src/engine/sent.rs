//! What builds send to the builder.

use rayon::prelude::*;

use crate::context::Tally;
use crate::workspace::{Files, Target};

use super::opened::read_target;
use super::outcome::guarded;
use super::walk;

/// What each build sends of its context: nothing that no instruction takes, and nothing that the ignore file leaves
/// out. `None` where that cannot be told: the Dockerfile or the folder cannot be read, or there is no folder.
#[must_use]
pub fn sent(files: &Files, targets: &[Option<&Target>]) -> Vec<Option<Tally>> {
    let one = |target: &Target| {
        let analysis = read_target(files, target).ok()?;
        if analysis.source_queries().is_empty() {
            return Some(Tally::default());
        }
        let mut problems = Vec::new();
        let context = walk::measure(files, target, &analysis, None, &mut problems)?;
        problems.is_empty().then_some(context.scan.sent)
    };
    let measured = targets.par_iter().map(|target| {
        let target = (*target)?;
        guarded(&target.name(), || one(target)).ok().flatten()
    });
    measured.collect()
}
