use std::collections::HashMap;

use crate::lock::{Inputs, Layers, Learned};
use crate::semantic::Model;

use super::super::plan::{Component, Estimate, Plan, Provenance, Row};
use super::recipe::{Doubt, Recipe};

/// What the lock file says of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Its inputs are the same: so are its bytes.
    Exact,
    /// Its inputs are the same, and its bytes may have changed for another reason.
    AsBuilt,
    /// Its inputs have changed; what of them.
    Older(Vec<&'static str>),
    /// It was not learned.
    Missing,
}

/// What files that came or went change in the layers behind them, at most.
#[derive(Debug, Clone, Copy, Default)]
struct Drift {
    more: u64,
    less: u64,
}

/// Bytes that any change may bring.
const SLACK: u64 = 100_000;

/// Puts what was learned into the rows of a plan that are not measured, and says of each row of the image what the lock
/// file has for it. Rows that were measured in the build context stay as they are: they are of today.
pub fn apply(plan: &mut Plan, model: &Model, recipes: &[Recipe], layers: &Layers) -> Vec<(usize, State)> {
    let by_step: HashMap<usize, &Recipe> = recipes.iter().map(|recipe| (recipe.step, recipe)).collect();
    let mut drift = Drift::default();
    let mut states = Vec::new();
    let rows = plan.stages.iter_mut().filter(|stage| stage.in_image).flat_map(|stage| &mut stage.rows);
    for row in rows {
        let Some(recipe) = by_step.get(&row.step) else { continue };
        let learned = layers.get(&recipe.key);
        let state = learned.map_or(State::Missing, |learned| state(recipe, learned));
        if is_measured(row) {
            drift.follow(row.sum().bytes, learned.map_or(0, |learned| learned.bytes));
            // A measured row needs no entry, so it is never said to lack one.
            continue;
        }
        if let Some(learned) = learned {
            let span = model.instruction(row.step).span;
            let estimate = estimate(recipe, learned, &state, drift);
            let what = if learned.what == "FROM" { "base image, as built" } else { "as built" };
            row.components = vec![Component::known(what, span, estimate)];
        }
        states.push((row.step, state));
    }
    states
}

/// True if all of a row was counted in the build context.
fn is_measured(row: &Row) -> bool {
    let sum = row.sum();
    row.provenance() == Some(Provenance::Measured) && sum.range.0 == sum.range.1
}

impl Drift {
    fn follow(&mut self, now: u64, then: u64) {
        self.more = self.more.saturating_add(now.saturating_sub(then));
        self.less = self.less.saturating_add(then.saturating_sub(now));
    }
}

fn state(recipe: &Recipe, learned: &Learned) -> State {
    let changed = changed(&recipe.inputs, &learned.inputs);
    if !changed.is_empty() {
        State::Older(changed)
    } else if recipe.doubt.is_some() || !learned.args.is_empty() {
        State::AsBuilt
    } else {
        State::Exact
    }
}

/// What differs, for people.
fn changed(now: &Inputs, then: &Inputs) -> Vec<&'static str> {
    let pairs = [
        ("base image", &now.base, &then.base),
        ("settings", &now.settings, &then.settings),
        ("earlier steps", &now.steps, &then.steps),
        ("files", &now.files, &then.files),
    ];
    pairs.into_iter().filter(|(_, now, then)| now != then).map(|(what, ..)| what).collect()
}

fn estimate(recipe: &Recipe, learned: &Learned, state: &State, drift: Drift) -> Estimate {
    let (bytes, date) = (learned.bytes, &learned.date);
    let around =
        |percent: (u64, u64), source: String| Estimate::around(bytes, percent, Provenance::Learned, source);
    match state {
        State::Older(changed) => {
            // Of files that another stage brings, nobody sees how they have grown.
            let is_unseen = changed.contains(&"files") && drift.more == 0 && drift.less == 0;
            let deep =
                is_unseen || changed.iter().any(|what| matches!(*what, "base image" | "earlier steps"));
            let percent = if deep { (75, 300) } else { (50, 100) };
            let mut estimate =
                around(percent, format!("learned {date}, older: {} changed", changed.join(", ")));
            let (least, most) = &mut estimate.range;
            *least = least.saturating_sub(drift.less).saturating_sub(SLACK);
            // What a command makes of files may be several times as large as they are.
            *most = most.saturating_add(drift.more.saturating_mul(4)).saturating_add(SLACK);
            estimate
        }
        State::AsBuilt => {
            let (percent, why) = match (&recipe.doubt, learned.args.first()) {
                (_, Some(name)) | (Some(Doubt::Argument(name)), _) => {
                    ((50, 100), format!("the build argument {name} counts"))
                }
                (Some(Doubt::Compresses), _) => ((5, 5), "it compresses".to_owned()),
                (Some(Doubt::Tag), _) => ((15, 25), "a tag moves".to_owned()),
                (Some(Doubt::Unseen), _) => ((50, 100), "some files are not seen".to_owned()),
                _ => ((30, 40), "it fetches".to_owned()),
            };
            around(percent, format!("as built on {date}; {why}"))
        }
        State::Exact | State::Missing => around((0, 0), format!("learned {date}")),
    }
}
