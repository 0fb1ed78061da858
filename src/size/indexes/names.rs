//! Names of packages as numbers.

use std::collections::HashMap;
use std::sync::Arc;

/// The number of a name in one index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameId(u32);

/// All names of an index, each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Arc<str>, NameId>,
    texts: Vec<Arc<str>>,
}

impl Names {
    /// The number of a name, which it gets if it has none.
    pub(super) fn number(&mut self, name: &str) -> NameId {
        if let Some(id) = self.numbers.get(name) {
            return *id;
        }
        let id = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = name.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, id);
        id
    }

    /// The number of a name that an index has.
    pub(super) fn find(&self, name: &str) -> Option<NameId> {
        self.numbers.get(name).copied()
    }

    /// The name that has this number.
    pub(super) fn text(&self, id: NameId) -> &str {
        self.texts.get(id.0 as usize).map_or("", |text| text)
    }
}
