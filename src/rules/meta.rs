use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::diag::{Applicability, Severity};
use crate::knowledge::rule_file;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Category {
    Correctness,
    Security,
    Reproducibility,
    Cache,
    Size,
    Style,
    Portability,
    Policy,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Correctness,
        Self::Security,
        Self::Reproducibility,
        Self::Cache,
        Self::Size,
        Self::Style,
        Self::Portability,
        Self::Policy,
    ];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Correctness => "correctness",
            Self::Security => "security",
            Self::Reproducibility => "reproducibility",
            Self::Cache => "cache",
            Self::Size => "size",
            Self::Style => "style",
            Self::Portability => "portability",
            Self::Policy => "policy",
        }
    }

    /// The category called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which rules are on together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// On unless it is turned off.
    Default,
    /// Off unless it is asked for: it may be wrong, or a matter of taste. `strict` as a selector
    /// means these and the default ones.
    Strict,
    /// Off unless it is asked for by name: nobody wants it but by a decision of their own.
    Asked,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Default, Self::Strict, Self::Asked];
    /// Those that can be selected as a whole.
    pub const GROUPS: [Self; 2] = [Self::Default, Self::Strict];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
            Self::Asked => "asked",
        }
    }

    /// The preset called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The best fix that a rule offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    /// None.
    None,
    /// One that a person should look at: `--unsafe-fixes`.
    Unsafe,
    /// One that keeps what the build does: `--fix`.
    Safe,
}

impl FixKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Unsafe, Self::Safe];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        }
    }

    /// The kind called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// True if a rule whose best fix is this one may offer a fix that can be trusted so far.
    #[must_use]
    pub fn covers(self, applicability: Applicability) -> bool {
        match applicability {
            Applicability::Display => true,
            Applicability::Unsafe => self >= Self::Unsafe,
            Applicability::Safe => self >= Self::Safe,
        }
    }
}

impl fmt::Display for FixKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a rule must know beyond the Dockerfile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Needs {
    /// Nothing. It may say more if it knows the build context.
    Dockerfile,
    /// The build context: without one it is not asked.
    Context,
    /// A demand of the policy that it speaks of: without one it is not asked.
    Policy,
    /// The program ShellCheck: it is on only if something names it, as `--shellcheck` does.
    Shellcheck,
    /// A file that starts builds, such as a Compose file: it looks at that.
    Entry,
}

impl Needs {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Dockerfile, Self::Context, Self::Policy, Self::Shellcheck, Self::Entry];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dockerfile => "dockerfile",
            Self::Context => "context",
            Self::Policy => "policy",
            Self::Shellcheck => "shellcheck",
            Self::Entry => "entry",
        }
    }

    /// What is called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|n| n.name() == name)
    }
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// As what a rule reads an instruction, which decides whether it speaks of one that BuildKit refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As what the build makes of it: nobody knows what that will be once a fault is mended.
    Build,
    /// As text, or it speaks of the fault itself: what it says is true whatever else is wrong.
    Text,
}

impl Reading {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Build, Self::Text];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Text => "text",
        }
    }

    /// What is called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// Whether a rule is there to stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Status {
    /// It is.
    #[default]
    Stable,
    /// It works as ever, and will go. One of the two is known at least.
    Deprecated {
        /// The rule to use in its place.
        replaced_by: Option<Text>,
        /// Why, in a few words.
        reason: Option<Text>,
    },
}

impl Status {
    /// The names of all.
    pub const NAMES: [&'static str; 2] = ["stable", "deprecated"];

    /// The name in lower case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Deprecated { .. } => "deprecated",
        }
    }

    /// What is called `name`; nothing is known of why yet.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let deprecated = Self::Deprecated { replaced_by: None, reason: None };
        [Self::Stable, deprecated].into_iter().find(|s| s.name() == name)
    }

    /// The rule to use in its place.
    #[must_use]
    pub fn replaced_by(&self) -> Option<&str> {
        match self {
            Self::Deprecated { replaced_by, .. } => replaced_by.as_deref(),
            Self::Stable => None,
        }
    }

    /// Why it is deprecated.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Deprecated { reason, .. } => reason.as_deref(),
            Self::Stable => None,
        }
    }
}

/// `deprecated: use other-rule (why)`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match (self.replaced_by(), self.reason()) {
            (Some(rule), Some(reason)) => write!(f, ": use {rule} ({reason})"),
            (Some(rule), None) => write!(f, ": use {rule}"),
            (None, Some(reason)) => write!(f, ": {reason}"),
            (None, None) => Ok(()),
        }
    }
}

/// The default of an option, and by that its type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptionValue {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "no rule has such an option yet; rule files may declare one")
    )]
    Integer(i64),
    /// A text.
    Text(&'static str),
    /// A list of texts.
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "no rule has such an option yet; rule files may declare one")
    )]
    List(&'static [&'static str]),
}

impl OptionValue {
    /// The type for people.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Boolean(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list of strings",
        }
    }
}

/// The number by which another program calls one of its findings: 2086 of `SC2086`.
pub type Code = u16;

/// A text that is part of the program, or of a user's own rule.
pub type Text = Cow<'static, str>;

/// What is known of a rule; it all comes from its file.
#[derive(Debug, Clone)]
pub struct RuleMeta {
    /// The name, in kebab case: its identity.
    pub name: Text,
    /// One line of Markdown.
    pub summary: Text,
    /// What it is about.
    pub category: Category,
    /// How bad its findings are unless the configuration says otherwise.
    pub severity: Severity,
    /// When it is on.
    pub preset: Preset,
    /// The best fix that it offers.
    pub fix: FixKind,
    /// What it must know.
    pub needs: Needs,
    /// As what it reads an instruction.
    pub reads: Reading,
    /// The version that it came with.
    pub since: Text,
    /// Whether it is there to stay.
    pub status: Status,
    /// The names that it had: they still mean it where nothing else has them.
    pub renamed_from: Cow<'static, [Text]>,
    /// What other tools call it: `hadolint:DL3007`.
    pub aliases: Cow<'static, [Text]>,
    /// Its options and their defaults.
    pub options: &'static [(&'static str, OptionValue)],
    /// The whole rule file of a rule that is read in each run; the others lie packed, see [`RuleMeta::text`].
    pub open: Option<Text>,
    /// The path of the file of a user's own rule.
    pub file: Option<String>,
}

impl RuleMeta {
    /// True if `name` is the name, an alias, an alias without its tool, or one of the rule's codes; case
    /// counts in none.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
            || self.aliases.iter().any(|a| a.eq_ignore_ascii_case(name) || bare(a).eq_ignore_ascii_case(name))
            || self.code(name).is_some()
            || (self.codes().is_some() && self.id().eq_ignore_ascii_case(name))
    }

    /// True if `name` is a name that the rule had; case does not count.
    #[must_use]
    pub fn was_called(&self, name: &str) -> bool {
        self.renamed_from.iter().any(|old| old.eq_ignore_ascii_case(name))
    }

    /// What its findings are called: its name, or with a `*` for the code where each has one.
    #[must_use]
    pub fn id(&self) -> Cow<'_, str> {
        match self.codes() {
            Some(codes) => format!("{}:{codes}*", self.name).into(),
            None => Cow::Borrowed(&self.name),
        }
    }

    /// What stands before the number of a code, `SC`, for a rule that passes on the findings of another
    /// program: it has an alias that ends in `*`.
    fn codes(&self) -> Option<&str> {
        self.aliases.iter().find_map(|alias| bare(alias).strip_suffix('*'))
    }

    /// The code that `name` means: 2086 of `SC2086`, `hadolint:SC2086` or `shellcheck:SC2086`.
    #[must_use]
    pub fn code(&self, name: &str) -> Option<Code> {
        let codes = self.codes()?;
        let own = |tool: &str| {
            let mut tools = self.aliases.iter().filter_map(|alias| Some(alias.split_once(':')?.0));
            self.name.eq_ignore_ascii_case(tool) || tools.any(|t| t.eq_ignore_ascii_case(tool))
        };
        let code = match name.split_once(':') {
            Some((tool, code)) if own(tool) => code,
            Some(_) => return None,
            None => name,
        };
        let (prefix, number) = code.split_at_checked(codes.len())?;
        let digits = number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit());
        if digits && prefix.eq_ignore_ascii_case(codes) { number.parse().ok() } else { None }
    }

    /// The whole rule file.
    #[must_use]
    pub fn text(&self) -> &str {
        self.open.as_deref().or_else(|| rule_file(&self.name)).unwrap_or_default()
    }

    /// The Markdown of the rule file without its front matter.
    #[must_use]
    pub fn page(&self) -> &str {
        super::file::page_of(self.text())
    }
}

/// An alias without its tool: `DL3007` of `hadolint:DL3007`.
#[must_use]
pub fn bare(alias: &str) -> &str {
    alias.split_once(':').map_or(alias, |(_, id)| id)
}
