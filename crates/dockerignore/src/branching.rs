//! Go's regexp syntax with alternatives, groups and repetitions, which buildah leaves in a pattern.

use crate::automaton::{Automaton, Class, Set, Step};
use crate::regexp::Reader;

/// How deep groups may be nested, and how often Go lets something repeat.
const MOST: usize = 1000;

/// What a source is.
pub(crate) enum Parsed {
    Automaton(Automaton),
    /// Go refuses it.
    Refused,
    /// It repeats something so often that its automaton would be far longer than itself.
    TooLong,
}

/// Why reading ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Refused,
    TooLong,
}

/// Reads a regular expression.
pub(crate) fn parse(source: &str) -> Parsed {
    let most = source.len().saturating_mul(2).saturating_add(16);
    let mut parser = Parser { reader: Reader::new(source), depth: 0, most };
    match parser.whole() {
        Ok(steps) => Parsed::Automaton(Automaton::branching(steps)),
        Err(Stop::Refused) => Parsed::Refused,
        Err(Stop::TooLong) => Parsed::TooLong,
    }
}

fn all() -> Set {
    Set::Class(Box::new(Class { negated: true, ..Class::default() }))
}

struct Parser<'a> {
    reader: Reader<'a>,
    depth: usize,
    /// The most steps.
    most: usize,
}

/// How often something stands there.
#[derive(Clone, Copy)]
struct Times {
    least: usize,
    most: Option<usize>,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<Vec<Step>, Stop> {
        // What is not anchored may stand anywhere.
        let mut steps = vec![Step::Star(all())];
        steps.append(&mut self.alternatives()?);
        steps.push(Step::Star(all()));
        // A `)` without its `(`.
        if self.reader.rest().is_empty() { Ok(steps) } else { Err(Stop::Refused) }
    }

    /// Up to a `)` or the end. Jumps are relative, so that steps can be put together.
    fn alternatives(&mut self) -> Result<Vec<Step>, Stop> {
        let mut all = vec![self.sequence()?];
        while self.reader.rest().starts_with('|') {
            self.reader.skip(1);
            all.push(self.sequence()?);
        }
        let last = all.pop().unwrap_or_default();
        let mut left: usize = all.iter().map(|one| one.len() + 2).sum::<usize>() + last.len();
        let mut steps = Vec::with_capacity(left);
        for one in all {
            left -= one.len() + 2;
            // Into it or behind it; from its end behind all others.
            steps.push(Step::Split(distance(one.len() + 2)?));
            steps.extend(one);
            steps.push(Step::Jump(distance(left + 1)?));
        }
        steps.extend(last);
        Ok(steps)
    }

    fn sequence(&mut self) -> Result<Vec<Step>, Stop> {
        let mut steps = Vec::new();
        // Where the last part begins, if it may be repeated.
        let mut last: Option<usize> = None;
        let mut repeated = false;
        while let Some(c) = self.reader.rest().chars().next() {
            if matches!(c, '|' | ')') {
                break;
            }
            if let Some(times) = self.times()? {
                let from = last.filter(|_| !repeated).ok_or(Stop::Refused)?;
                let part = steps.split_off(from);
                let copies = times.most.unwrap_or(times.least + 1).max(1);
                if (part.len() + 2).saturating_mul(copies) > self.most {
                    return Err(Stop::TooLong);
                }
                steps.extend(repeat(&part, times)?);
                repeated = true;
                continue;
            }
            repeated = false;
            last = Some(steps.len());
            self.atom(c, &mut steps)?;
        }
        if steps.len() > self.most { Err(Stop::TooLong) } else { Ok(steps) }
    }

    fn atom(&mut self, c: char, steps: &mut Vec<Step>) -> Result<(), Stop> {
        match c {
            '(' => {
                self.reader.skip(1);
                self.depth += 1;
                if self.depth > MOST {
                    return Err(Stop::Refused);
                }
                steps.append(&mut self.alternatives()?);
                self.depth -= 1;
                if !self.reader.rest().starts_with(')') {
                    return Err(Stop::Refused);
                }
                self.reader.skip(1);
            }
            '[' => {
                let class = self.reader.class().ok_or(Stop::Refused)?;
                steps.push(Step::One(Set::Class(Box::new(class))));
            }
            '\\' => self.reader.escape(steps).ok_or(Stop::Refused)?,
            '^' | '$' | '.' => {
                self.reader.skip(1);
                steps.push(match c {
                    '^' => Step::Start,
                    '$' => Step::End,
                    _ => Step::One(Set::Any),
                });
            }
            _ => {
                self.reader.skip(c.len_utf8());
                steps.push(Step::One(Set::Char(u32::from(c))));
            }
        }
        Ok(())
    }

    /// An operator that repeats, if one stands here; a `{` that is none is a character.
    fn times(&mut self) -> Result<Option<Times>, Stop> {
        let rest = self.reader.rest();
        let (width, least, most) = match rest.chars().next() {
            Some('*') => (1, 0, None),
            Some('+') => (1, 1, None),
            Some('?') => (1, 0, Some(1)),
            Some('{') => match braces(rest) {
                Some(found) => found,
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let fits = least <= MOST && most.is_none_or(|most| (least..=MOST).contains(&most));
        self.reader.skip(width);
        if fits { Ok(Some(Times { least, most })) } else { Err(Stop::Refused) }
    }
}

/// `{2}`, `{2,}` or `{2,3}`: its length in bytes and its numbers.
fn braces(rest: &str) -> Option<(usize, usize, Option<usize>)> {
    let inside = rest.strip_prefix('{')?.split_once('}')?.0;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // Go knows no leading zeros here.
        let plain = digits && (text.len() == 1 || !text.starts_with('0'));
        plain.then(|| text.parse::<usize>().unwrap_or(usize::MAX))
    };
    let width = inside.len() + 2;
    match inside.split_once(',') {
        None => number(inside).map(|n| (width, n, Some(n))),
        Some((least, "")) => number(least).map(|n| (width, n, None)),
        Some((least, most)) => Some((width, number(least)?, Some(number(most)?))),
    }
}

fn repeat(part: &[Step], times: Times) -> Result<Vec<Step>, Stop> {
    let mut steps: Vec<Step> = (0..times.least).flat_map(|_| part).cloned().collect();
    match times.most {
        // Into it and back to before it, or behind it.
        None => {
            steps.push(Step::Split(distance(part.len() + 2)?));
            steps.extend_from_slice(part);
            steps.push(Step::Jump(-distance(part.len() + 1)?));
        }
        Some(most) => {
            for _ in times.least..most {
                steps.push(Step::Split(distance(part.len() + 1)?));
                steps.extend_from_slice(part);
            }
        }
    }
    Ok(steps)
}

fn distance(steps: usize) -> Result<isize, Stop> {
    isize::try_from(steps).map_err(|_| Stop::TooLong)
}
