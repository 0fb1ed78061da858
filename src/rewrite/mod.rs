//! Files written anew: the ignore file with the lines that it lacks, a Dockerfile with a stage that builds, and one
//! whose stages carry less along.
//!
//! Nothing here touches files, and what it makes is shown to a person before it counts.

mod carried;
pub mod ignore;
mod proposal;
mod saved;
mod sources;
mod stages;

use crate::semantic::Analysis;
use crate::size::BaseImages;

use sources::Sources;

pub use crate::semantic::{History, history_readers, sends};
pub use proposal::{NoProposal, Project, Proposal};

/// Proposes a Dockerfile whose image is smaller and runs the same.
///
/// # Errors
/// If there is nothing of which that is certain.
pub fn propose(model: &Analysis, project: Project<'_>, images: &BaseImages) -> Result<Proposal, NoProposal> {
    let sources = Sources::new(project);
    match stages::propose(model, project, &sources) {
        Ok(mut proposal) => {
            proposal.changes = saved::by_stages(model, &proposal.text, images);
            Ok(proposal)
        }
        Err(why) => carried::propose(model, project, &sources, images).ok_or(match &*model.stages {
            [] | [_] => why,
            _ => NoProposal::general("found nothing that can safely be left out of the image"),
        }),
    }
}
