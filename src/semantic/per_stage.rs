use std::fmt;
use std::ops::{Deref, DerefMut, Index, IndexMut};

use super::id::number;

/// Which stage of a model: its place in the order of the file, which is also its number in `COPY --from=0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageId(u32);

impl StageId {
    pub(crate) fn of(number_of_stage: usize) -> Self {
        Self(number(number_of_stage))
    }

    /// Its number, from 0.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for StageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Something for each stage of a model, in order; only a [`StageId`] finds that of a stage.
///
/// ```
/// use dlint::internals::semantic::{Base, Model};
/// use dlint::internals::syntax::parse;
/// use dlint::internals::text::Source;
///
/// let model = Model::new(parse(Source::from_text("Dockerfile", "FROM a AS b\nFROM b\n")));
/// let last = model.stages.last().unwrap();
/// let Base::Stage(base) = last.base else { panic!() };
/// assert_eq!(model.stages[base].name.as_deref(), Some("b"));
/// assert_eq!((base.number(), last.index.number()), (0, 1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerStage<T>(Vec<T>);

impl<T> PerStage<T> {
    /// Nothing yet, with room for `stages`.
    #[must_use]
    pub fn with_capacity(stages: usize) -> Self {
        Self(Vec::with_capacity(stages))
    }

    /// What belongs to a stage.
    #[must_use]
    pub fn get(&self, stage: StageId) -> Option<&T> {
        self.0.get(stage.number())
    }

    /// What belongs to a stage, to change it.
    pub fn get_mut(&mut self, stage: StageId) -> Option<&mut T> {
        self.0.get_mut(stage.number())
    }

    /// Adds what belongs to the next stage.
    pub fn push(&mut self, one: T) {
        self.0.push(one);
    }

    /// The stages, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = StageId> + use<T> {
        (0..number(self.0.len())).map(StageId)
    }

    /// The last of them.
    #[must_use]
    pub fn last_id(&self) -> Option<StageId> {
        self.0.len().checked_sub(1).map(StageId::of)
    }

    /// What belongs to the last `most` stages before one.
    #[must_use]
    pub fn before(&self, stage: StageId, most: usize) -> &[T] {
        self.0.get(stage.number().saturating_sub(most)..stage.number()).unwrap_or_default()
    }

    /// What belongs to the stages behind one.
    #[must_use]
    pub fn behind(&self, stage: StageId) -> &[T] {
        self.0.get(stage.number() + 1..).unwrap_or_default()
    }

    /// The same for each of these stages.
    #[must_use]
    pub fn each<U: Clone>(&self, one: U) -> PerStage<U> {
        PerStage(vec![one; self.0.len()])
    }
}

impl<T> Default for PerStage<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for PerStage<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for PerStage<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T> Index<StageId> for PerStage<T> {
    type Output = T;

    fn index(&self, stage: StageId) -> &T {
        &self.0[stage.number()]
    }
}

impl<T> IndexMut<StageId> for PerStage<T> {
    fn index_mut(&mut self, stage: StageId) -> &mut T {
        &mut self.0[stage.number()]
    }
}

impl<T> FromIterator<T> for PerStage<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl<T> IntoIterator for PerStage<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a PerStage<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
