//! What `dlint.lock` has for the rows of a plan, as the report says it.

use std::sync::Arc;

use crate::engine::{Opened, TakenFiles};
use crate::lock::{Bases, Fetches, Layers, LockFile};
use crate::report::{CheckRow, LockRow, sanitize};
use crate::semantic::Model;
use crate::size::{BaseImages, Plan, Provenance, State, apply_learned, recipes};
use crate::workspace::{Files, LockPlace};

/// How many rows are named.
const MOST: usize = 10;

/// The lock file of a build.
pub(super) struct Lock {
    place: LockPlace,
    file: LockFile,
}

impl Lock {
    /// Reads it; `None` if there is none.
    pub(super) fn of(files: &Files, project: &Opened) -> Result<Option<Self>, String> {
        let tree = files.file_tree();
        let Some(place) = project.target.file().and_then(|path| LockPlace::of(tree, path)) else {
            return Ok(None);
        };
        let said = |error: String| format!("{}: {error}", sanitize(&place.path.display().to_string()));
        let file = place.read(tree).map_err(said)?;
        Ok(file.map(|file| Self { place, file }))
    }
}

/// What is known of base images and downloads, with what was asked: in a lock file, and over it just now.
pub(super) fn known(images: &BaseImages, lock: Option<&Lock>, online: Option<&LockFile>) -> BaseImages {
    let (mut locked, mut fetched) = (Bases::new(), Fetches::new());
    for file in lock.map(|lock| &lock.file).into_iter().chain(online) {
        locked.extend(file.bases().clone());
        fetched.extend(file.fetches().clone());
    }
    BaseImages { locked: Arc::new(locked), fetched: Arc::new(fetched), ..images.clone() }
}

/// What the lock file says of the rows of a plan.
pub(super) fn learned(
    files: &Files,
    project: &Opened,
    plan: &mut Plan,
    platform: &str,
    Lock { place: lock, file }: &Lock,
) -> Vec<(usize, State)> {
    let model = &project.analysis;
    let target = model.final_stage().and_then(|stage| stage.name.as_deref());
    let build = lock.build(target, platform);
    let none = Layers::new();
    let layers = file.layers(&build).unwrap_or(&none);
    let taken = match layers.is_empty() {
        true => TakenFiles::default(),
        false => TakenFiles::of(files, &project.target, model, &lock.path, None),
    };
    let recipes = recipes(model, &build, &taken.digests);
    apply_learned(plan, model, &recipes, layers)
}

/// The state of a row.
pub(super) fn row(state: &State) -> LockRow {
    let (name, changed) = match state {
        State::Exact => ("exact", &[][..]),
        State::AsBuilt => ("as-built", &[][..]),
        State::Older(changed) => ("older", changed.as_slice()),
        State::Missing => ("missing", &[][..]),
    };
    LockRow { state: name, changed: changed.to_vec() }
}

/// Whether the lock file covers the rows of the image that are not measured; `None` if there is no lock file.
pub(super) fn check(model: &Model, plan: &Plan, states: Option<&[(usize, State)]>) -> CheckRow {
    let line = |step: usize| model.instruction(step).lines.0;
    let failing: Vec<String> = match states {
        None => vec!["there is no dlint.lock: `dlint lock` makes it".to_owned()],
        Some(states) => {
            let mut failing: Vec<String> = Vec::new();
            let rows = plan.stages.iter().filter(|stage| stage.in_image).flat_map(|stage| &stage.rows);
            for row in rows {
                match states.iter().find(|(step, _)| *step == row.step).map(|(_, state)| state) {
                    Some(State::Exact | State::AsBuilt) => {}
                    Some(State::Older(changed)) => {
                        failing.push(format!(
                            "line {} is older ({} changed)",
                            line(row.step),
                            changed.join(", ")
                        ));
                    }
                    // A row that is measured needs no entry.
                    None if row.provenance() == Some(Provenance::Measured) => {}
                    // What a registry or a web server told needs no build.
                    None | Some(State::Missing)
                        if matches!(row.provenance(), Some(Provenance::Registry | Provenance::Fetched)) => {}
                    None | Some(State::Missing) => {
                        failing.push(format!("line {} is missing", line(row.step)))
                    }
                }
            }
            failing
        }
    };
    let more = failing.len().saturating_sub(MOST);
    let mut actual = failing.iter().take(MOST).cloned().collect::<Vec<_>>().join("; ");
    if more > 0 {
        actual.push_str(&format!("; {more} more"));
    }
    if actual.is_empty() {
        "dlint.lock has every row that is not measured".clone_into(&mut actual);
    }
    CheckRow {
        option: "--locked",
        limit: String::new(),
        actual,
        is_sentence: true,
        passed: failing.is_empty(),
        unknown: false,
    }
}
