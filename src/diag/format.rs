use std::fmt;
use std::str::FromStr;

/// What a report is written as. How each looks, only the reports know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people: excerpts with the exact characters underlined.
    #[default]
    Human,
    /// `path:line:col: severity[rule] message`, one line a finding.
    Short,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, as code scanning reads it.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// A Code Quality report, as GitLab reads it.
    Gitlab,
    /// Checkstyle's XML.
    Checkstyle,
    /// The XML of test reports.
    Junit,
    /// Generic issue data for SonarQube.
    Sonarqube,
    /// The diagnostics of reviewdog, as one JSON document.
    Rdjson,
    /// Logging commands of Azure Pipelines.
    Azure,
    /// Service messages of TeamCity.
    Teamcity,
    /// A table in Markdown, for a comment or the summary of a job.
    Markdown,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Human,
        Self::Short,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Checkstyle,
        Self::Junit,
        Self::Sonarqube,
        Self::Rdjson,
        Self::Azure,
        Self::Teamcity,
        Self::Markdown,
    ];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Short => "short",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Checkstyle => "checkstyle",
            Self::Junit => "junit",
            Self::Sonarqube => "sonarqube",
            Self::Rdjson => "rdjson",
            Self::Azure => "azure",
            Self::Teamcity => "teamcity",
            Self::Markdown => "markdown",
        }
    }

    /// True if it is for a service that shows findings at files of a repository, whose paths start at its top.
    #[must_use]
    pub const fn is_for_repository(self) -> bool {
        use Format::{Azure, Github, Gitlab, Markdown, Sarif, Teamcity};
        matches!(self, Azure | Github | Gitlab | Markdown | Sarif | Teamcity)
    }

    /// What hadolint calls it; of several, the first is the best.
    #[must_use]
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Short => &["tty", "gnu"],
            Self::Gitlab => &["gitlab_codeclimate", "codeclimate"],
            Self::Human
            | Self::Json
            | Self::Sarif
            | Self::Github
            | Self::Checkstyle
            | Self::Junit
            | Self::Sonarqube
            | Self::Rdjson
            | Self::Azure
            | Self::Teamcity
            | Self::Markdown => &[],
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let named = |format: &Self| format.name() == s || format.aliases().contains(&s);
        Self::ALL.into_iter().find(named).ok_or_else(|| {
            let shown: String = s.chars().take(60).collect();
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{shown}` is not a format: use one of {names}")
        })
    }
}
