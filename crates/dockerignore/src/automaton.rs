//! A small automaton for what ignore patterns become: a straight line of steps, some of which repeat.
//!
//! It is our own and not a regex crate's, because patterns must mean what they mean to Go: `\Q` without
//! its `\E` swallows the rest, octal escapes are read, a class that the translation broke (`[*]`) is what
//! Go makes of it, a byte that is not UTF-8 is one character, and what Go refuses stops the build, no more
//! and no less. What is left of the language has no alternatives and no nested groups, so a set of bits
//! runs it in time linear in the path, and a pattern is compiled in time linear in its length: a file can
//! hold 100,000 of them.

use crate::filepath::decode;

/// A set of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Set {
    Char(u32),
    /// `.`: all but a line feed.
    Any,
    Class(Box<Class>),
}

/// A bracket class: ranges of code points and predicates, perhaps negated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) negated: bool,
    pub(crate) ranges: Vec<(u32, u32)>,
    pub(crate) outside: Vec<Vec<(u32, u32)>>,
    pub(crate) categories: Vec<(Category, bool)>,
}

/// A Unicode general category, for `\pL` and its kin. Beyond ASCII, marks, punctuation and symbols are
/// not known, and letters are those that are alphabetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    Letter,
    Number,
    Separator,
    Other,
    Punctuation,
    Symbol,
    Mark,
}

impl Category {
    fn holds(self, c: char) -> bool {
        match self {
            Self::Letter => c.is_alphabetic(),
            Self::Number => c.is_numeric(),
            Self::Separator => c.is_whitespace() && !c.is_control(),
            Self::Other => c.is_control(),
            Self::Symbol => "$+<=>^`|~".contains(c),
            Self::Punctuation => c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c),
            Self::Mark => false,
        }
    }
}

fn within(ranges: &[(u32, u32)], c: u32) -> bool {
    ranges.iter().any(|(low, high)| *low <= c && c <= *high)
}

impl Class {
    fn holds(&self, c: u32) -> bool {
        let hit = within(&self.ranges, c)
            || self.outside.iter().any(|ranges| !within(ranges, c))
            || self
                .categories
                .iter()
                .any(|(category, yes)| char::from_u32(c).is_some_and(|c| category.holds(c)) == *yes);
        hit != self.negated
    }
}

impl Set {
    fn holds(&self, c: u32) -> bool {
        match self {
            Self::Char(own) => *own == c,
            Self::Any => c != u32::from('\n'),
            Self::Class(class) => class.holds(c),
        }
    }
}

/// A step of an automaton.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    One(Set),
    Star(Set),
    /// `(.*/)?`, first half: go on behind it, or into [`Step::Inside`], which follows.
    Folders,
    /// `.*/` within the group.
    Inside,
    /// Go on behind it, and so many steps further.
    Split(isize),
    /// Go on so many steps further, or back.
    Jump(isize),
    Start,
    End,
    Boundary,
    NoBoundary,
}

/// A pattern as an automaton; linear in the path's length for a given pattern.
#[derive(Debug, Clone)]
pub(crate) struct Automaton {
    steps: Vec<Step>,
    /// The fewest bytes of a path that can match.
    least: usize,
    prefix: Box<[u8]>,
    suffix: Box<[u8]>,
    /// `^(.*/)?x$` where x has no `/`: only the name counts, from this step on.
    name_from: Option<usize>,
    /// Where the only star is, if all else takes one character each.
    only_star: Option<usize>,
    /// There are steps that split or jump.
    branches: bool,
}

const SLASH: u32 = b'/' as u32;
const SMALL: usize = 8;

impl Automaton {
    pub(crate) fn new(mut steps: Vec<Step>) -> Self {
        // `x*x*` is `x*`, and `(.*/)?(.*/)?` is `(.*/)?`: else long runs of stars would cost.
        let mut folders = false;
        steps.dedup_by(|next, previous| matches!(next, Step::Star(_)) && next == previous);
        let mut kept: Vec<Step> = Vec::with_capacity(steps.len());
        for step in steps {
            match step {
                Step::Folders if matches!(kept.last(), Some(Step::Inside)) => folders = true,
                Step::Inside if folders => folders = false,
                step => kept.push(step),
            }
        }
        let steps = kept;
        let least = steps.iter().filter(|s| matches!(s, Step::One(_))).count();
        let mut prefix = Vec::new();
        if matches!(steps.first(), Some(Step::Start)) {
            steps.iter().skip(1).map_while(literal).for_each(|c| push(&mut prefix, c));
        }
        let mut suffix = Vec::new();
        if matches!(steps.last(), Some(Step::End)) {
            let mut last: Vec<char> = steps.iter().rev().skip(1).map_while(literal).collect();
            last.reverse();
            last.into_iter().for_each(|c| push(&mut suffix, c));
        }
        let name_from = match steps.as_slice() {
            [Step::Start, Step::Folders, Step::Inside, name @ .., Step::End]
                if name.iter().all(|s| match s {
                    Step::One(set) | Step::Star(set) => !set.holds(SLASH),
                    _ => false,
                }) =>
            {
                Some(3)
            }
            _ => None,
        };
        let mut stars = (0..).zip(&steps).filter(|(_, s)| matches!(s, Step::Star(_))).map(|(at, _)| at);
        let only_star = stars.next().filter(|star| {
            let body = name_from.unwrap_or(1)..steps.len().saturating_sub(1);
            let simple = |at: usize| at == *star || matches!(steps.get(at), Some(Step::One(_)));
            matches!(steps.first(), Some(Step::Start))
                && matches!(steps.last(), Some(Step::End))
                && body.contains(star)
                && body.into_iter().all(simple)
        });
        let (prefix, suffix) = (prefix.into(), suffix.into());
        Self { only_star, steps, least, prefix, suffix, name_from, branches: false }
    }

    /// One whose steps split and jump: nothing is known of what it hits.
    pub(crate) fn branching(steps: Vec<Step>) -> Self {
        let (prefix, suffix) = (Box::default(), Box::default());
        Self { steps, least: 0, prefix, suffix, name_from: None, only_star: None, branches: true }
    }

    pub(crate) fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    pub(crate) fn suffix(&self) -> &[u8] {
        &self.suffix
    }

    /// The runs of literal text.
    pub(crate) fn literals(&self) -> Vec<Vec<u8>> {
        let mut runs = vec![Vec::new()];
        if self.branches {
            return runs;
        }
        for step in &self.steps {
            match (literal(step), runs.last_mut()) {
                (Some(c), Some(run)) => push(run, c),
                (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
                _ => {}
            }
        }
        runs
    }

    /// The byte that the path's last part must start with, or 0 if any will do.
    pub(crate) fn name_start(&self) -> u8 {
        let step = self.name_from.and_then(|from| self.steps.get(from));
        step.and_then(literal)
            .map_or(0, |c| c.encode_utf8(&mut [0; 4]).as_bytes().first().copied().unwrap_or(0))
    }

    pub(crate) fn matches(&self, path: &[u8]) -> bool {
        if path.len() < self.least || !path.ends_with(&self.suffix) || !path.starts_with(&self.prefix) {
            return false;
        }
        let (from, text) = match self.name_from {
            Some(from) if !path.contains(&b'\n') => {
                let name = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
                (from, path.get(name..).unwrap_or_default())
            }
            _ => (0, path),
        };
        if let Some(star) = self.only_star
            && from == self.name_from.unwrap_or(0)
            && text.is_ascii()
        {
            return self.around_star(from.max(1), star, text);
        }
        let words = self.steps.len() / 64 + 1;
        let (mut small, mut large) = ([0u64; 2 * SMALL], Vec::new());
        let sets = if words <= SMALL {
            &mut small[..2 * words]
        } else {
            large.resize(2 * words, 0);
            large.as_mut_slice()
        };
        let (now, next) = sets.split_at_mut(words);
        self.run(from, text, now, next)
    }

    /// The commonest shape, `x*y` in ASCII, needs no automaton: one look from each end.
    fn around_star(&self, from: usize, star: usize, text: &[u8]) -> bool {
        let steps = |range: std::ops::Range<usize>| self.steps.get(range).unwrap_or_default();
        let (head, tail) = (steps(from..star), steps(star + 1..self.steps.len() - 1));
        let Some(middle) = text.len().checked_sub(head.len() + tail.len()) else { return false };
        let (front, rest) = text.split_at(head.len());
        let (middle, back) = rest.split_at(middle);
        let fits = |steps: &[Step], bytes: &[u8]| {
            steps.iter().zip(bytes).all(|(s, b)| matches!(s, Step::One(set) if set.holds(u32::from(*b))))
        };
        let Some(Step::Star(set)) = self.steps.get(star) else { return false };
        fits(tail, back) && fits(head, front) && middle.iter().all(|b| set.holds(u32::from(*b)))
    }

    fn run<'a>(&self, from: usize, text: &[u8], mut now: &'a mut [u64], mut next: &'a mut [u64]) -> bool {
        let mut at = Place { before: None, after: peek(text), start: true };
        self.add(now, from, at);
        let mut rest = text;
        while !rest.is_empty() {
            let (c, width) = decode(rest);
            rest = rest.get(width..).unwrap_or_default();
            at = Place { before: Some(c), after: peek(rest), start: false };
            next.fill(0);
            let mut alive = false;
            for (word, bits) in now.iter().enumerate() {
                let mut bits = *bits;
                while bits != 0 {
                    let step = word * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    match self.steps.get(step) {
                        Some(Step::One(set)) if set.holds(c) => self.add(next, step + 1, at),
                        Some(Step::Star(set)) if set.holds(c) => self.add(next, step, at),
                        Some(Step::Inside) if c != u32::from('\n') => {
                            self.add(next, step, at);
                            if c == SLASH {
                                self.add(next, step + 1, at);
                            }
                        }
                        _ => continue,
                    }
                    alive = true;
                }
            }
            std::mem::swap(&mut now, &mut next);
            if !alive {
                return false;
            }
        }
        let end = self.steps.len();
        now.get(end / 64).is_some_and(|word| word >> (end % 64) & 1 == 1)
    }

    /// Adds `step` and all that can be reached from it without taking a character.
    fn add(&self, set: &mut [u64], step: usize, at: Place) {
        if !self.branches {
            self.add_line(set, step, at, &mut Vec::new());
            return;
        }
        let mut open = vec![step];
        while let Some(step) = open.pop() {
            self.add_line(set, step, at, &mut open);
        }
    }

    /// The same as far as steps follow each other; what they split into is `open`.
    fn add_line(&self, set: &mut [u64], mut step: usize, at: Place, open: &mut Vec<usize>) {
        loop {
            let Some(word) = set.get_mut(step / 64) else { return };
            let bit = 1 << (step % 64);
            if *word & bit != 0 {
                return;
            }
            *word |= bit;
            let go_on = match self.steps.get(step) {
                None | Some(Step::One(_) | Step::Inside) => false,
                Some(Step::Star(_)) => true,
                Some(Step::Folders) => {
                    self.add_one(set, step + 1);
                    step += 1;
                    true
                }
                Some(Step::Split(by)) => {
                    open.extend(step.checked_add_signed(*by));
                    true
                }
                Some(Step::Jump(by)) => {
                    open.extend(step.checked_add_signed(*by));
                    false
                }
                Some(Step::Start) => at.start,
                Some(Step::End) => at.after.is_none(),
                Some(Step::Boundary) => at.is_boundary(),
                Some(Step::NoBoundary) => !at.is_boundary(),
            };
            if !go_on {
                return;
            }
            step += 1;
        }
    }

    #[allow(clippy::unused_self, reason = "a sibling of add")]
    fn add_one(&self, set: &mut [u64], step: usize) {
        if let Some(word) = set.get_mut(step / 64) {
            *word |= 1 << (step % 64);
        }
    }
}

/// What lies around a place between two characters.
#[derive(Clone, Copy)]
struct Place {
    before: Option<u32>,
    after: Option<u32>,
    start: bool,
}

impl Place {
    fn is_boundary(self) -> bool {
        let word = |c: Option<u32>| {
            c.and_then(char::from_u32).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        word(self.before) != word(self.after)
    }
}

fn peek(text: &[u8]) -> Option<u32> {
    (!text.is_empty()).then(|| decode(text).0)
}

/// The character that a step takes, if it takes that one only. U+FFFD also stands for broken bytes.
fn literal(step: &Step) -> Option<char> {
    match step {
        Step::One(Set::Char(c)) if *c != 0xFFFD => char::from_u32(*c),
        _ => None,
    }
}

fn push(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}
