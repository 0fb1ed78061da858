//! Comments that suppress findings, those of other tools too.
//!
//! - `# dlint ignore=a,b why` before an instruction or inside of it, `# dlint ignore-file=a,b` and
//!   `# dlint global ignore=a,b` for the file. Names are all that a selector can be.
//! - `# hadolint ignore=DL3006,SC2046 why`, `# hadolint global ignore=DL3006` for the file, and
//!   `# hadolint stage ignore=DL3006` for the stage that starts below or that it is in.
//! - `# shellcheck disable=SC2086` before an instruction or inside of its continuations.
//! - `# check=skip=A,B` as directive for the file, above a FROM for the stage, above another
//!   instruction for that one; `skip=all` means all of BuildKit's checks. `error=true` makes what its
//!   checks find errors, `experimental=A` asks for a check that is off otherwise.
//!
//! hadolint and BuildKit take no notice of a comment in which they do not know a word. Here the words
//! that are known count, and those that are not are reported.
//!
//! A finding is suppressed where it starts.

mod comment;
mod demand;
mod lines;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::LazyLock;

pub use comment::{Comments, Demand, Dialect, Reach, Suppression, read};
pub use demand::Strictness;
pub use lines::{Lines, apply_to_lines};

use crate::diag::{Finding, Fix, Origin};
use crate::knowledge::BUILDKIT_CHECKS;
use crate::syntax::{File, Keyword};
use crate::text::{Edit, Span, nearest};

use super::selector::is_hadolint;
use super::{Catalogue, Rule, RuleId, RuleSet, Scope, Unit};

/// The rules that speak of comments that suppress.
const ABOUT_COMMENTS: [RuleId; 4] = [
    RuleId::UNKNOWN_SUPPRESSION,
    RuleId::UNUSED_SUPPRESSION,
    RuleId::UNUSED_FOREIGN_SUPPRESSION,
    RuleId::SUPPRESSION_COMMENT,
];

/// Whether a rule was asked.
pub type Ran<'a> = dyn Fn(RuleId, &Rule) -> bool + 'a;

/// What suppression made of the findings of a file.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What is to be shown.
    pub kept: Vec<Finding>,
    /// What a comment suppresses.
    pub suppressed: Vec<Finding>,
    /// What is to be said of the comments themselves.
    pub extra: Vec<Finding>,
}

/// What a name in a comment means.
enum Meaning {
    /// These rules, or parts of rules.
    Rules(Vec<Unit>),
    /// A rule that only the other tool has.
    Foreign,
    /// Nothing; what it may be a misspelling of.
    Unknown(Option<String>),
}

/// Sorts `findings` by whether a comment of `file` suppresses them. `rules` says whether comments that
/// mean nothing are reported; a name is only called unused if all of its rules are on and `ran` says
/// that they were asked.
#[must_use]
pub fn apply(file: &File, findings: Vec<Finding>, rules: &RuleSet, ran: &Ran<'_>) -> Outcome {
    let Comments { suppressions, .. } = read(file);
    if suppressions.is_empty() {
        return Outcome { kept: findings, ..Outcome::default() };
    }
    let places = Places::new(file);
    let directives: Vec<u32> = file.directives.iter().map(|d| d.span.start).collect();
    let of = Commented { text: file.text(), suppressions: &suppressions, directives: &directives };
    sort_out(&of, findings, rules, ran, &|finding| places.of(finding).collect())
}

/// A text, and what its comments suppress.
struct Commented<'a> {
    text: &'a str,
    suppressions: &'a [Suppression],
    /// Where comments begin that are more than that.
    directives: &'a [u32],
}

/// The same for any text, where `places` says what reaches a finding.
fn sort_out(
    of: &Commented<'_>,
    findings: Vec<Finding>,
    rules: &RuleSet,
    ran: &Ran<'_>,
    places: &dyn Fn(&Finding) -> Vec<Reach>,
) -> Outcome {
    let Commented { text, suppressions, .. } = *of;
    let catalogue = rules.catalogue();
    let mut book = Meanings { catalogue, known: HashMap::new(), suggested: 0 };
    let meanings: Vec<Vec<Rc<Meaning>>> = suppressions
        .iter()
        .map(|s| s.names.iter().map(|name| book.of(s.dialect, name.text(text))).collect())
        .collect();
    let mut covered: HashMap<Reach, HashSet<Unit>> = HashMap::new();
    for (suppression, meanings) in suppressions.iter().zip(&meanings) {
        let covers = covered.entry(suppression.reach).or_default();
        for meaning in meanings {
            let Meaning::Rules(units) = &**meaning else { continue };
            covers.extend(units);
        }
    }
    let mut outcome = Outcome::default();
    let mut used: HashSet<(Reach, Unit)> = HashSet::new();
    for finding in findings {
        let hits = hits(&finding, catalogue, &places(&finding), &covered);
        if hits.is_empty() {
            outcome.kept.push(finding);
        } else {
            used.extend(hits);
            outcome.suppressed.push(finding);
        }
    }
    let judge = Judge { of, rules, ran, used: &used };
    for (suppression, meanings) in suppressions.iter().zip(&meanings) {
        let said = judge.say(suppression, meanings);
        for finding in said {
            let silenced = !hits(&finding, catalogue, &places(&finding), &covered).is_empty();
            if silenced { outcome.suppressed.push(finding) } else { outcome.extra.push(finding) }
        }
    }
    outcome
}

/// What covers a finding.
fn hits(
    finding: &Finding,
    catalogue: &Catalogue,
    places: &[Reach],
    covered: &HashMap<Reach, HashSet<Unit>>,
) -> Vec<(Reach, Unit)> {
    let Some(unit) = catalogue.unit(finding) else { return Vec::new() };
    let mut units = vec![unit];
    // A code is covered by its whole rule too.
    if let Unit::Code(id, _) = unit {
        units.push(Unit::Rule(id));
    }
    let reaches = places.iter().filter_map(|&reach| Some((reach, covered.get(&reach)?)));
    let hits = |(reach, covers): (Reach, &HashSet<Unit>)| {
        units.iter().filter(|unit| covers.contains(unit)).map(|unit| (reach, *unit)).collect::<Vec<_>>()
    };
    reaches.flat_map(hits).collect()
}

/// Where instructions and stages are.
struct Places {
    /// Span of each instruction, and the instruction that starts its stage.
    instructions: Vec<(Span, Option<usize>)>,
}

impl Places {
    fn new(file: &File) -> Self {
        let mut stage = None;
        let instructions = file.instructions.iter().enumerate().map(|(index, instruction)| {
            if instruction.keyword == Keyword::From {
                stage = Some(index);
            }
            (instruction.span, stage)
        });
        Self { instructions: instructions.collect() }
    }

    /// What reaches the place of a finding.
    fn of(&self, finding: &Finding) -> impl Iterator<Item = Reach> + use<> {
        let start = finding.span.start;
        let next = self.instructions.partition_point(|(i, _)| i.start <= start);
        let here = next.checked_sub(1).and_then(|i| Some((i, self.instructions.get(i)?)));
        let reaches = match here {
            Some((index, (place, stage))) if start <= place.end && finding.origin == Origin::Dockerfile => {
                [Some(Reach::File), stage.map(Reach::Stage), Some(Reach::Instruction(index))]
            }
            _ => [Some(Reach::File), None, None],
        };
        reaches.into_iter().flatten()
    }
}

/// How many unknown names of a file get a suggestion.
const MAX_SUGGESTIONS: usize = 100;

/// What names mean, each looked up once.
struct Meanings<'a> {
    catalogue: &'a Catalogue,
    known: HashMap<(Dialect, &'a str), Rc<Meaning>>,
    suggested: usize,
}

impl<'a> Meanings<'a> {
    fn of(&mut self, dialect: Dialect, name: &'a str) -> Rc<Meaning> {
        if let Some(known) = self.known.get(&(dialect, name)) {
            return Rc::clone(known);
        }
        // To find out that a name is like none takes far longer than to find it.
        let lower = name.to_ascii_lowercase();
        let means = if self.suggested < MAX_SUGGESTIONS
            || WORDS.contains(&*lower)
            || is_hadolint(&lower)
            || self.catalogue.is_word(&lower)
        {
            meaning(self.catalogue, dialect, name)
        } else {
            Meaning::Unknown(None)
        };
        self.suggested += usize::from(matches!(means, Meaning::Unknown(_)));
        let means = Rc::new(means);
        self.known.insert((dialect, name), Rc::clone(&means));
        means
    }
}

/// All words that mean something in a comment of some dialect, in lower case, without what users' own
/// rules add.
static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let own = Catalogue::default();
    own.words().chain(BUILDKIT_CHECKS.iter().copied()).map(str::to_ascii_lowercase).collect()
});

fn meaning(catalogue: &Catalogue, dialect: Dialect, name: &str) -> Meaning {
    let of_tool = |tool: &str| catalogue.lookup(&format!("{tool}:{name}")).map(|s| s.units);
    let any = |scope: Option<Scope>| {
        catalogue.lookup(name).filter(|s| scope.is_none_or(|scope| s.scope == scope)).map(|s| s.units)
    };
    let near = || catalogue.select(name).err().and_then(|e| e.near);
    let (tool, foreign) = match dialect {
        Dialect::Dlint => return any(None).map_or_else(|| Meaning::Unknown(near()), Meaning::Rules),
        Dialect::Buildkit if name.eq_ignore_ascii_case("all") => {
            return catalogue.lookup("buildkit").map_or(Meaning::Foreign, |s| Meaning::Rules(s.units));
        }
        // Within a script it may be about what ShellCheck alone knows.
        Dialect::Shellcheck if name == "all" => {
            return catalogue.lookup("shellcheck").map_or(Meaning::Foreign, |s| Meaning::Rules(s.units));
        }
        Dialect::Shellcheck => ("shellcheck", true),
        Dialect::Hadolint => ("hadolint", is_hadolint(name)),
        Dialect::Buildkit => ("buildkit", BUILDKIT_CHECKS.iter().any(|b| b.eq_ignore_ascii_case(name))),
    };
    if let Some(units) = of_tool(tool) {
        return Meaning::Rules(units);
    }
    if foreign {
        return Meaning::Foreign;
    }
    any(Some(Scope::Rule)).map_or_else(
        || {
            let checks = if dialect == Dialect::Buildkit { BUILDKIT_CHECKS } else { &[] };
            let check = nearest(name, checks.iter().copied()).map(str::to_owned);
            Meaning::Unknown(check.or_else(near))
        },
        Meaning::Rules,
    )
}

/// How many names of one comment are said to mean or to find nothing; that there are more is said too.
const MAX_SAID: usize = 100;

/// Says what is wrong with comments.
struct Judge<'a> {
    of: &'a Commented<'a>,
    rules: &'a RuleSet,
    ran: &'a Ran<'a>,
    used: &'a HashSet<(Reach, Unit)>,
}

impl Judge<'_> {
    fn say(&self, suppression: &Suppression, meanings: &[Rc<Meaning>]) -> Vec<Finding> {
        let mut findings = Vec::new();
        if suppression.names.is_empty()
            && suppression.dialect == Dialect::Dlint
            && !self.is_prose(suppression)
        {
            findings.extend(self.finding(RuleId::UNKNOWN_SUPPRESSION, suppression.span, "the comment names no rule").map(|f| {
                f.help("write `# dlint ignore=rule-name` before an instruction, or `# dlint ignore-file=rule-name`")
            }));
        }
        let unused: Vec<bool> = meanings.iter().map(|m| self.is_unused(suppression.reach, m)).collect();
        let rule = if suppression.dialect == Dialect::Dlint {
            RuleId::UNUSED_SUPPRESSION
        } else {
            RuleId::UNUSED_FOREIGN_SUPPRESSION
        };
        let all = !unused.is_empty() && unused.iter().all(|u| *u);
        for ((span, meaning), unused) in suppression.names.iter().zip(meanings).zip(unused) {
            let name: String = span.text(self.of.text).chars().take(60).collect();
            if findings.len() == MAX_SAID {
                let more = format!("only the first {MAX_SAID} names at fault in this comment are listed");
                findings.extend(self.finding(rule, *span, &more));
                break;
            }
            if let Meaning::Unknown(near) = &**meaning {
                let message = format!("`{name}` is not a rule, so the comment suppresses nothing");
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`dlint rules` lists all rules".to_owned(),
                };
                findings
                    .extend(self.finding(RuleId::UNKNOWN_SUPPRESSION, *span, &message).map(|f| f.help(help)));
            } else if unused {
                let message = match suppression.reach {
                    Reach::File => format!("`{name}` finds nothing in this file"),
                    Reach::Stage(_) => format!("`{name}` finds nothing in this stage"),
                    Reach::Instruction(_) => format!("`{name}` finds nothing in this instruction"),
                    Reach::Line(_) => format!("`{name}` finds nothing in this line"),
                    Reach::Nothing => "no instruction follows this comment".to_owned(),
                };
                findings.extend(self.finding(rule, *span, &message).map(|f| {
                    let f = f.help("remove the name, or the comment");
                    // `;error=true` is more than the name.
                    let alone = all && suppression.names.len() == 1 && !self.says_more(suppression);
                    match self.removal(suppression).filter(|_| alone) {
                        // The other tool may still run, and judge differently.
                        Some(edit) if rule == RuleId::UNUSED_FOREIGN_SUPPRESSION => {
                            f.fix(Fix::uncertain("remove the comment", vec![edit]))
                        }
                        Some(edit) => f.fix(Fix::safe("remove the comment", vec![edit])),
                        None => f,
                    }
                }));
            }
        }
        findings
    }

    /// True for `# dlint ignore all of this`; `# dlint ignore no-user` lacks its `=`.
    fn is_prose(&self, suppression: &Suppression) -> bool {
        let word = suppression.reason.and_then(|rest| rest.text(self.of.text).split([' ', '\t', ',']).next());
        let catalogue = self.rules.catalogue();
        word.is_some_and(|word| !catalogue.rules().any(|rule| rule.meta.name == word))
    }

    fn is_unused(&self, reach: Reach, meaning: &Meaning) -> bool {
        let Meaning::Rules(units) = meaning else { return false };
        let catalogue = self.rules.catalogue();
        let counts = |unit: &Unit| {
            let rule = catalogue.rule_of(*unit).and_then(|id| Some((id, catalogue.get(id)?)));
            rule.is_some_and(|(id, rule)| {
                !ABOUT_COMMENTS.contains(&id) && self.rules.get(*unit).is_some() && (self.ran)(id, rule)
            })
        };
        // A rule whose file is wrong is in no place, and may find something.
        !units.is_empty()
            && units.iter().all(counts)
            && !units.iter().any(|&unit| self.used.contains(&(reach, unit)))
    }

    fn finding(&self, rule: RuleId, span: Span, message: &str) -> Option<Finding> {
        Some(Finding::new(rule.name(), self.rules.severity(rule.name())?, span, message))
    }

    fn says_more(&self, suppression: &Suppression) -> bool {
        let text = suppression.span.text(self.of.text);
        suppression.dialect == Dialect::Buildkit && text.contains(';')
    }

    /// Removes the comment's line, if it holds nothing else and is no directive.
    fn removal(&self, suppression: &Suppression) -> Option<Edit> {
        if self.of.directives.contains(&suppression.span.start) {
            return None;
        }
        let text = self.of.text;
        let start = text.get(..suppression.span.start as usize)?.rfind('\n').map_or(0, |i| i + 1);
        let end = suppression.span.end as usize;
        let end = text.get(end..)?.find('\n').map_or(text.len(), |i| end + i + 1);
        text.get(start..suppression.span.start as usize)?.trim().is_empty().then_some(())?;
        Some(Edit::delete(Span::of(start..end)))
    }
}

#[cfg(test)]
mod tests;
