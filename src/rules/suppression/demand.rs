use std::collections::HashSet;
use std::sync::LazyLock;

use memchr::memmem;

use crate::diag::{Finding, Severity};
use crate::rules::Catalogue;
use crate::syntax::File;

use super::{Places, Reach, read};

/// Where a file asks by `# check=error=true` that what BuildKit's checks find fails the build.
pub struct Strictness {
    places: Places,
    reaches: HashSet<Reach>,
}

static MARK: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new("error="));

impl Strictness {
    /// What a file asks for, if it does.
    #[must_use]
    pub fn of(file: &File) -> Option<Self> {
        // Most files do not.
        MARK.find(file.text().as_bytes())?;
        let demands = read(file).demands.into_iter().filter(|demand| demand.error);
        let reaches: HashSet<Reach> = demands.map(|demand| demand.reach).collect();
        (!reaches.is_empty()).then(|| Self { places: Places::new(file), reaches })
    }

    /// Makes a finding of BuildKit's an error where that is asked for.
    pub fn apply(&self, finding: &mut Finding, catalogue: &Catalogue) {
        let rule = catalogue.id(&finding.rule).and_then(|id| catalogue.get(id));
        let of_buildkit = rule.is_some_and(|r| r.meta.aliases.iter().any(|a| a.starts_with("buildkit:")));
        if of_buildkit && self.places.of(finding).any(|reach| self.reaches.contains(&reach)) {
            finding.severity = Severity::Error;
        }
    }
}
