//! Where copied files end up, and what they weigh.

use super::{CopyUse, Model, SourceKind, Stage};

/// How many copies before a command are looked at.
const MAX_COPIES: usize = 100;

impl Model<'_> {
    /// COPY and ADD before `step` whose files are still there, the last first.
    pub fn copies_before<'m>(&'m self, stage: &'m Stage, step: usize) -> impl Iterator<Item = &'m CopyUse> {
        let end = self.copies.partition_point(|c| c.step < step);
        self.copies[..end].iter().rev().take(MAX_COPIES).filter(move |c| {
            !c.mount
                && !c.onbuild
                && self.stage_of(c.step).is_some_and(|s| self.lineage(stage).any(|l| l.index == s.index))
        })
    }

    /// What a copy takes from the build context, where it was scanned.
    #[must_use]
    pub fn measured(&self, copy: &CopyUse) -> Option<u64> {
        let id = copy.query.as_ref()?.id;
        let result = self.context?.scan.per_query.iter().find(|q| q.id == id)?;
        Some(result.total.bytes)
    }
}

impl CopyUse {
    /// Where the sources of a copy end up: the paths of the single files, or that of the folder.
    #[must_use]
    pub fn targets(&self) -> Vec<String> {
        let Some(destination) = self.destination.known() else { return Vec::new() };
        if !destination.ends_with('/') {
            return vec![destination.to_owned()];
        }
        let name = |value: &str| {
            let last = value.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_owned();
            (!matches!(&*last, "" | "." | "..") && !last.contains(['*', '?', '[']))
                .then(|| format!("{destination}{last}"))
        };
        let named: Option<Vec<String>> = self
            .sources
            .iter()
            .map(|s| {
                let value = s.value.known()?;
                let value = if s.kind == SourceKind::Url { value.split(['?', '#']).next()? } else { value };
                name(value)
            })
            .collect();
        // A source may be a folder, whose content goes to the destination itself.
        match named {
            Some(named) if self.sources.iter().all(|s| s.value.known().is_some_and(is_file_name)) => named,
            _ => vec![destination.trim_end_matches('/').to_owned()],
        }
    }
}

/// True if a path looks like a file: its last part has an extension.
#[must_use]
pub fn is_file_name(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or("");
    last.rfind('.').is_some_and(|at| at > 0)
}
