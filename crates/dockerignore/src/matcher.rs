use std::collections::HashMap;

use crate::dialect::Dialect;
use crate::file::{IgnoreFile, Pattern};
use crate::index::Index;

/// What an ignore file says of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    excluded: bool,
    by: Option<usize>,
    fault: Option<usize>,
}

impl Verdict {
    /// True if the path is left out.
    #[must_use]
    pub const fn is_excluded(&self) -> bool {
        self.excluded
    }

    /// The pattern that decided, the last that hit: an index into [`IgnoreFile::patterns`].
    #[must_use]
    pub const fn pattern(&self) -> Option<usize> {
        self.by
    }

    /// The [faulty](Pattern::is_faulty) pattern that was reached, so that BuildKit stops here: an index
    /// into [`IgnoreFile::patterns`].
    #[must_use]
    pub const fn fault(&self) -> Option<usize> {
        self.fault
    }
}

/// What a folder hands down to its children.
///
/// BuildKit keeps for every pattern whether it hit the folder or one above, and counts those hits for
/// each child. As the last hit wins and a child never loses a hit, only the last one can matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DirState {
    last: Option<u32>,
}

/// An ignore file made ready to be compared with paths.
///
/// Threads can share it: the state of a walk is in [`DirState`], which is copied down the tree.
///
/// ```
/// use dockerignore::{IgnoreFile, Matcher};
///
/// let file = IgnoreFile::parse("docs\n!docs/api\n");
/// let matcher = Matcher::new(&file);
///
/// // A walk: each entry starts from what its folder has met.
/// let (docs, below) = matcher.enter(matcher.root(), b"docs");
/// assert!(docs.is_excluded());
/// // The folder has to be opened all the same, as something below it comes back.
/// assert!(!matcher.can_prune(b"docs"));
/// assert!(matcher.enter(below, b"docs/guide.md").0.is_excluded());
/// assert!(!matcher.enter(below, b"docs/api").0.is_excluded());
///
/// // One path, without a walk.
/// assert!(!matcher.is_excluded("docs/api/index.html"));
/// ```
#[derive(Debug)]
pub struct Matcher<'a> {
    patterns: &'a [Pattern],
    index: Index<'a>,
    /// For each pattern the first with the same text, `!` aside.
    twins: Vec<u32>,
    exceptions: Exceptions,
    /// Each pattern is asked, also one that could not change anything.
    asks_all: bool,
}

/// The `!` patterns, as far as they decide whether a folder can be skipped.
#[derive(Debug)]
enum Exceptions {
    None,
    /// Each with a `/` behind, sorted: a folder is opened if one begins as it does. For BuildKit they are free of wildcards
    /// but for a final `/*` or `/**`, which is cut; the others take them as they are. buildah does not mind that the
    /// name of a folder may go on (`ab/` begins as `a` does).
    Spelled {
        sorted: Vec<Vec<u8>>,
        whole_names: bool,
    },
    Wild,
}

impl<'a> Matcher<'a> {
    /// A matcher for the patterns of `file`.
    #[must_use]
    pub fn new(file: &'a IgnoreFile) -> Self {
        let patterns = file.patterns();
        let mut firsts = HashMap::new();
        let first = |(number, pattern): (u32, &'a Pattern)| *firsts.entry(pattern.as_str()).or_insert(number);
        let twins = (0..).zip(patterns).map(first).collect();
        Self {
            patterns,
            index: Index::new(patterns),
            twins,
            exceptions: Exceptions::new(patterns, file.dialect()),
            asks_all: file.dialect() == Dialect::Buildah,
        }
    }

    /// The state at the context's root, for the root's own entries.
    #[must_use]
    pub const fn root(&self) -> DirState {
        DirState { last: None }
    }

    /// The verdict on `path`, an entry of the folder that has `state`, and the state for its children.
    /// The path is relative to the root, with `/`.
    #[must_use]
    pub fn enter(&self, state: DirState, path: &[u8]) -> (Verdict, DirState) {
        self.enter_with(state, path, |_| ())
    }

    /// As [`Matcher::enter`]; `on_hit` hears of each pattern that hits here, overruled ones too.
    #[must_use]
    pub fn enter_with(
        &self,
        state: DirState,
        path: &[u8],
        mut on_hit: impl FnMut(usize),
    ) -> (Verdict, DirState) {
        let excludes = |number: u32| self.get(number).is_some_and(|p| !p.is_negated());
        let mut last = state.last;
        let mut excluded = last.is_some_and(excludes);
        let mut fault = None;
        // A pattern and its opposite, over and over, are compared once.
        let mut asked: Option<(u32, bool)> = None;
        self.index.each(path, state.last, |number| {
            let Some(pattern) = self.get(number) else { return };
            // A pattern that could not change anything is not asked, and then does not count as a hit.
            if pattern.is_negated() != excluded && !self.asks_all {
                return;
            }
            if pattern.is_faulty() {
                fault.get_or_insert(number as usize);
                return;
            }
            let twin = self.twins.get(number as usize).copied().unwrap_or(number);
            let hits = match asked {
                Some((same, hits)) if same == twin => hits,
                _ => pattern.hits(path),
            };
            asked = Some((twin, hits));
            if hits {
                excluded = !pattern.is_negated();
                last = Some(number);
                on_hit(number as usize);
            }
        });
        let verdict = Verdict { excluded, by: last.map(|n| n as usize), fault };
        (verdict, DirState { last })
    }

    /// The verdict on `path` alone, found by walking down to it from the root.
    #[must_use]
    pub fn verdict(&self, path: &[u8]) -> Verdict {
        if matches!(path, b"" | b".") {
            // The root itself is not up for debate.
            return Verdict::default();
        }
        let mut state = self.root();
        let mut verdict = Verdict::default();
        let mut fault = None;
        let ends = path.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            let at = path.get(..end).unwrap_or_default();
            (verdict, state) = self.enter(state, at);
            fault = fault.or(verdict.fault);
            if verdict.excluded && end < path.len() && self.can_prune(at) {
                break;
            }
        }
        Verdict { fault, ..verdict }
    }

    /// True if `path` is left out.
    #[must_use]
    pub fn is_excluded(&self, path: &str) -> bool {
        self.verdict(path.as_bytes()).excluded
    }

    /// True if the builder does not look into `dir`, an excluded folder: nothing below it can come back.
    #[must_use]
    pub fn can_prune(&self, dir: &[u8]) -> bool {
        match &self.exceptions {
            Exceptions::None => true,
            Exceptions::Wild => false,
            Exceptions::Spelled { sorted, whole_names: true } => {
                let mut prefix = dir.to_vec();
                prefix.push(b'/');
                !begins(sorted, &prefix)
            }
            Exceptions::Spelled { sorted, whole_names: false } => !begins(sorted, dir),
        }
    }

    /// True if a `!` with a wildcard makes BuildKit walk every excluded folder as well.
    #[must_use]
    pub const fn walks_all(&self) -> bool {
        matches!(self.exceptions, Exceptions::Wild)
    }

    /// The patterns, in order.
    #[must_use]
    pub const fn patterns(&self) -> &'a [Pattern] {
        self.patterns
    }

    fn get(&self, number: u32) -> Option<&'a Pattern> {
        self.patterns.get(number as usize)
    }
}

/// True if one of the sorted texts begins with `prefix`.
fn begins(sorted: &[Vec<u8>], prefix: &[u8]) -> bool {
    let at = sorted.partition_point(|text| text.as_slice() < prefix);
    sorted.get(at).is_some_and(|text| text.starts_with(prefix))
}

impl Exceptions {
    fn new(patterns: &[Pattern], dialect: Dialect) -> Self {
        let mut plain = Vec::new();
        let is_spelled = dialect != Dialect::BuildKit;
        for pattern in patterns.iter().filter(|p| p.is_negated()) {
            if is_spelled {
                plain.push([pattern.as_str().trim_matches('/').as_bytes(), b"/"].concat());
                continue;
            }
            if pattern.reaches_any_folder() {
                return Self::Wild;
            }
            plain.push([pattern.fixed_part().as_bytes(), b"/"].concat());
        }
        if plain.is_empty() {
            return Self::None;
        }
        plain.sort_unstable();
        Self::Spelled { sorted: plain, whole_names: dialect != Dialect::Buildah }
    }
}
