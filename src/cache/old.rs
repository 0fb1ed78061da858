//! The layers of the cached build, to be looked up by what they are made from.

use std::collections::{HashMap, HashSet};

use crate::semantic::{Model, PerStage, StageId};

use super::layer::Difference;
use super::recipe::{Ground, Input, Made, Recipe, StageRecipe, differing, hash, recipes};

/// How many names of variables are told.
const NAMES: usize = 5;

/// What each stage of a build ends with, in the order of the file, so that a base comes first.
pub(super) struct Chains {
    /// By stage: the key of its ground, then one for each layer.
    pub(super) keys: PerStage<Vec<u64>>,
}

impl Chains {
    pub(super) fn of(stages: &PerStage<Option<StageRecipe>>) -> Self {
        let mut keys: PerStage<Vec<u64>> = PerStage::with_capacity(stages.len());
        for stage in stages {
            let mut own = Vec::new();
            if let Some(stage) = stage {
                let mut key = match stage.ground {
                    Ground::Stage(base) => keys.get(base).and_then(|k| k.last()).copied().unwrap_or_default(),
                    Ground::Other(key) => hash(("ground", key)),
                };
                own.push(key);
                for layer in &stage.layers {
                    key = chained(key, &layer.recipe);
                    own.push(key);
                }
            }
            keys.push(own);
        }
        Self { keys }
    }

    /// What a copy from a stage is known by; that of another image is its name.
    pub(super) fn input(&self, input: Input) -> u64 {
        match input {
            Input::Stage(stage) => self.keys.get(stage).and_then(|k| k.last()).copied().unwrap_or_default(),
            Input::Other(key) => key,
        }
    }
}

fn chained(below: u64, recipe: &Recipe) -> u64 {
    hash((below, recipe.key))
}

/// The cached build.
pub(super) struct Old {
    stages: PerStage<Option<StageRecipe>>,
    /// The grounds of its stages.
    grounds: HashSet<u64>,
    /// Its layers by their chains: what they take from elsewhere.
    layers: HashMap<u64, Vec<Vec<u64>>>,
    /// The recipes of copies with `--link`.
    linked: HashSet<u64>,
    /// A layer of each instruction: its stage and number.
    texts: HashMap<u64, (StageId, usize)>,
}

impl Old {
    pub(super) fn of(model: &Model) -> Self {
        let stages = recipes(model);
        let chains = Chains::of(&stages);
        let mut old = Self {
            stages: PerStage::default(),
            grounds: HashSet::new(),
            layers: HashMap::new(),
            linked: HashSet::new(),
            texts: HashMap::new(),
        };
        for (number, stage) in stages.ids().zip(&stages) {
            let (Some(stage), Some(keys)) = (stage, chains.keys.get(number)) else { continue };
            old.grounds.extend(keys.first());
            for (at, (layer, key)) in stage.layers.iter().zip(keys.iter().skip(1)).enumerate() {
                let inputs = layer.inputs.iter().map(|i| chains.input(*i)).collect();
                old.layers.entry(*key).or_default().push(inputs);
                old.texts.entry(layer.recipe.text).or_insert((number, at));
                if layer.linked {
                    old.linked.insert(layer.recipe.key);
                }
            }
        }
        old.stages = stages;
        old
    }

    /// True if a stage of it starts from, or on, just this.
    pub(super) fn has_ground(&self, key: u64) -> bool {
        self.grounds.contains(&key) || self.layers.contains_key(&key)
    }

    /// True if it has a layer of this chain.
    pub(super) fn has(&self, key: u64) -> bool {
        self.layers.contains_key(&key)
    }

    /// True if it has the layer with these inputs.
    pub(super) fn has_inputs(&self, key: u64, inputs: &[u64]) -> bool {
        self.layers.get(&key).is_some_and(|all| all.iter().any(|known| known == inputs))
    }

    /// True if it has this copy with `--link`, whatever is below it.
    pub(super) fn has_linked(&self, recipe: &Recipe) -> bool {
        self.linked.contains(&recipe.key)
    }

    /// True if it has such an instruction somewhere.
    pub(super) fn knows_text(&self, recipe: &Recipe) -> bool {
        self.texts.contains_key(&recipe.text)
    }

    /// In what a layer that it does not have differs.
    pub(super) fn difference(
        &self,
        stages: &PerStage<Option<StageRecipe>>,
        stage: StageId,
        number: usize,
        layer: &Made,
    ) -> Difference {
        let Some(at) = self.texts.get(&layer.recipe.text) else { return Difference::Instruction };
        let known = self.stages.get(at.0).and_then(Option::as_ref).and_then(|s| s.layers.get(at.1));
        let Some(known) = known.map(|l| l.recipe) else { return Difference::Instruction };
        let new = layer.recipe;
        if known.variables != new.variables {
            let mut names = differing((&self.stages, *at), (stages, (stage, number)));
            names.truncate(NAMES);
            Difference::Variables(names)
        } else if known.user != new.user {
            Difference::User
        } else if known.folder != new.folder {
            Difference::Folder
        } else if known.shell != new.shell {
            Difference::Shell
        } else if known.key != new.key {
            Difference::Instruction
        } else {
            Difference::Below
        }
    }
}
