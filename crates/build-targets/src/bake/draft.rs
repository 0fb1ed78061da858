//! A target before what it inherits is added: as a block or a service says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::source::Place;
use crate::target::{Inline, Text};

/// A path, and where it begins.
#[derive(Debug, Clone)]
pub(super) struct Located {
    pub text: Text,
    /// The folder; `None` for the one that counts for the file.
    pub base: Option<PathBuf>,
}

/// The Dockerfile in an attribute.
#[derive(Debug, Clone)]
pub(super) enum InlineText {
    Known(Inline),
    Unknown(Text),
}

/// A target as far as it is said. What is not said is `None`.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub name: String,
    /// The label of the block, or the name of the service.
    pub place: Place,
    pub inherits: Vec<Text>,
    pub context: Option<Located>,
    /// By name, each with the place of the name.
    pub contexts: BTreeMap<String, (Place, Located)>,
    pub dockerfile: Option<Text>,
    pub inline: Option<InlineText>,
    /// By name, each with the place of the name. `None`: it is null, which says nothing.
    pub args: BTreeMap<String, (Place, Option<Text>)>,
    pub stage: Option<Text>,
    pub platforms: Option<Vec<Text>>,
    pub tags: Option<Vec<Text>>,
}

impl Draft {
    pub(super) fn new(name: String, place: Place) -> Self {
        Self {
            name,
            place,
            inherits: Vec::new(),
            context: None,
            contexts: BTreeMap::new(),
            dockerfile: None,
            inline: None,
            args: BTreeMap::new(),
            stage: None,
            platforms: None,
            tags: None,
        }
    }

    /// What counts when another says more: maps are filled up, all else is replaced.
    pub(super) fn merge(&mut self, later: &Self) {
        fn replace<T: Clone>(old: &mut Option<T>, new: &Option<T>) {
            if new.is_some() {
                old.clone_from(new);
            }
        }
        self.place = later.place;
        replace(&mut self.context, &later.context);
        replace(&mut self.dockerfile, &later.dockerfile);
        replace(&mut self.inline, &later.inline);
        replace(&mut self.stage, &later.stage);
        replace(&mut self.platforms, &later.platforms);
        replace(&mut self.tags, &later.tags);
        for (name, (place, value)) in &later.args {
            // A null takes nothing away.
            if value.is_some() || !self.args.contains_key(name) {
                self.args.insert(name.clone(), (*place, value.clone()));
            }
        }
        for (name, value) in &later.contexts {
            self.contexts.insert(name.clone(), value.clone());
        }
        self.inherits.extend_from_slice(&later.inherits);
    }

    /// Drops what says nothing: empty contexts, doubled and empty tags and platforms.
    pub(super) fn tidy(&mut self) {
        let says = |text: &Text| text.value.as_deref() != Some("") || !text.unset.is_empty();
        self.contexts.retain(|_, (_, context)| says(&context.text));
        for list in [&mut self.platforms, &mut self.tags].into_iter().flatten() {
            let mut seen = std::collections::HashSet::new();
            list.retain(|item| match &item.value {
                Some(value) => !value.is_empty() && seen.insert(value.clone()),
                None => true,
            });
        }
    }

    /// How much there is in it, for the budget.
    pub(super) fn size(&self) -> usize {
        let list = |list: &Option<Vec<Text>>| list.as_ref().map_or(0, Vec::len);
        8 + self.args.len()
            + self.contexts.len()
            + self.inherits.len()
            + list(&self.platforms)
            + list(&self.tags)
    }
}

/// A group.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub name: String,
    pub targets: Vec<(String, Place)>,
    /// Whether it may have more, which cannot be known.
    pub is_open: bool,
}
