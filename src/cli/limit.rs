//! What a change may touch of what is there now.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::base::{Base, look_only_at_touched};
use super::same::Same;
use super::side::{Side, Told};
use crate::engine::{self, Found, InputKind, Touched};
use crate::entries::Entries;
use crate::tree::{DISK, Tree};
use crate::workspace::{Snapshot, Target, TargetOrigin};

impl Base {
    /// What was found, without what the change cannot touch.
    pub(super) fn limited(
        &self,
        told: &Told<'_>,
        snapshot: &Snapshot,
        found: Found,
        entries: Entries,
    ) -> (Found, Entries) {
        let Found { inputs, mut notes, mut empty, .. } = found;
        if !inputs.is_empty() {
            // There are Dockerfiles, though none of them is touched.
            empty.clear();
        }
        let mut now = Side { snapshot: snapshot.clone(), inputs, entries };
        self.limit(told, &mut now);
        notes.extend(self.notes());
        (Found { inputs: now.inputs, notes, empty, ..found }, now.entries)
    }

    /// Leaves only what the change may touch: inputs, and files that start builds.
    pub(super) fn limit(&self, told: &Told<'_>, now: &mut Side) {
        let snapshot = now.snapshot.clone();
        let touched = Touched::new(snapshot.files(), self.tree(), self.changed());
        // What built them is looked up only if it may be something else.
        let was = touched.starts_builds().then(|| self.before(told, &now.inputs));
        let Side { inputs, entries, .. } = now;
        let started =
            was.as_ref().map(|was| [self.started(self.tree(), &was.entries), self.started(&DISK, entries)]);
        let same = Same::new(self);
        inputs.retain(|input| match input.kind {
            InputKind::Ignorefile => touched.has_ignore_file(&input.path),
            InputKind::Dockerfile => {
                let is = engine::targets_of(&snapshot, entries, told.build, &input.path);
                let differs = |was: &Side| {
                    let old = self.old_name(&input.path);
                    let was = engine::targets_of(&was.snapshot, &was.entries, told.build, &old);
                    let starts = || {
                        let place = self.place(&DISK, &input.path);
                        started.as_ref().is_none_or(|[was, is]| was.get(&place) == is.get(&place))
                    };
                    let is_same = |(was, is): (&Target, &Target)| {
                        was.is_same_build(is) && same.other_contexts(was, is).is_empty()
                    };
                    was.len() != is.len() || !was.iter().zip(&is).all(is_same) || !starts()
                };
                is.iter().any(|target| touched.has(target)) || was.as_ref().is_some_and(differs)
            }
        });
        look_only_at_touched(&touched, entries);
    }

    /// What files start of each Dockerfile: names, and what the builds are told.
    fn started(&self, tree: &Tree, entries: &Entries) -> HashMap<PathBuf, BTreeSet<(String, u64)>> {
        let mut started: HashMap<PathBuf, BTreeSet<(String, u64)>> = HashMap::new();
        for target in entries.iter().filter_map(|(_, _, target)| target) {
            if let (Some(path), TargetOrigin::Entry { name, .. }) = (target.path(), &target.origin) {
                let start = (name.clone(), target.fingerprint());
                started.entry(self.place(tree, path)).or_default().insert(start);
            }
        }
        started
    }
}
