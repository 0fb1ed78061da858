use std::path::PathBuf;

use dockerignore::IgnoreFile;
use serde::Serialize;

use super::Progress;
use crate::tree::Tree;

/// How closely to look at what the ignore file leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// Skip excluded folders wherever BuildKit does: fast, but their sizes stay unknown.
    Lint,
    /// Measure the excluded as well.
    Full,
}

/// What an instruction takes from the context.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceQuery {
    /// The caller's number for the instruction.
    pub id: usize,
    /// Context paths, perhaps with the wildcards of Go's `filepath.Match`; `.` and `/` are the whole.
    /// What comes from elsewhere, as URLs and heredocs do, is not for here.
    pub sources: Vec<String>,
    /// The patterns of `--exclude`, relative to the source; for a source that is a file, to its folder.
    pub excludes: Vec<String>,
    /// True with `--parents`: `**` then means any depth, and `/./` is where the copied path starts.
    pub parents: bool,
    /// True if the build's target reaches the instruction; only then the sources are sent.
    pub reachable: bool,
}

/// What to scan and what to ask.
#[derive(Debug, Clone)]
pub struct ScanRequest<'a> {
    /// The context's folder.
    pub root: PathBuf,
    /// The ignore file that counts, if there is one.
    pub ignore: Option<&'a IgnoreFile>,
    /// The files.
    pub tree: &'a Tree,
    /// What the Dockerfile takes.
    pub queries: Vec<SourceQuery>,
    /// Whether to measure the excluded.
    pub detail: Detail,
    /// Counters for a progress line.
    pub progress: Option<&'a Progress>,
}

/// A file that queries take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedFile {
    /// Its path.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Which sources take it: the query, by its place in the request, and the place of the source in that.
    pub takers: Vec<(usize, usize)>,
}

/// What to scan and what to ask for many Dockerfiles of one context and one ignore file.
#[derive(Debug)]
pub struct ViewsRequest<'a> {
    /// The context's folder.
    pub root: PathBuf,
    /// The ignore file that counts, if there is one.
    pub ignore: Option<&'a IgnoreFile>,
    /// The files.
    pub tree: &'a Tree,
    /// What each Dockerfile takes.
    pub views: Vec<Vec<SourceQuery>>,
    /// Whether to measure the excluded.
    pub detail: Detail,
    /// Counters for a progress line.
    pub progress: Option<&'a Progress>,
}

impl<'a> From<&ScanRequest<'a>> for ViewsRequest<'a> {
    fn from(request: &ScanRequest<'a>) -> Self {
        Self {
            root: request.root.clone(),
            ignore: request.ignore,
            tree: request.tree,
            views: vec![request.queries.clone()],
            detail: request.detail,
            progress: request.progress,
        }
    }
}

/// A number of files and their bytes. Links, sockets, pipes and devices count as files of 0 bytes, and
/// so does each further hard link to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Everything that is not a folder.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Tally {
    /// Counts one more file.
    pub const fn add(&mut self, bytes: u64) {
        self.files = self.files.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Adds another tally.
    pub const fn merge(&mut self, other: Self) {
        self.files = self.files.saturating_add(other.files);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What a scan found. Paths are relative to the context, with `/`; bytes that are not UTF-8 are shown
/// as U+FFFD.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Scan {
    /// All that was seen; without the skipped folders if [`Detail::Lint`] was asked for.
    pub total: Tally,
    /// What is left after ignoring.
    pub kept: Tally,
    /// What BuildKit would send for the reachable queries.
    pub sent: Tally,
    /// Excluded folders that were not looked into.
    pub skipped_folders: u64,
    /// One per pattern of the ignore file, in its order.
    pub per_pattern: Vec<PatternUse>,
    /// The largest entries of the root, at most 20.
    pub per_top: Vec<TopEntry>,
    /// One per query, in the order asked.
    pub per_query: Vec<QueryResult>,
    /// The largest files that are kept, at most 20.
    pub largest: Vec<LargeFile>,
    /// Kept things that no image needs, the heaviest first.
    pub notable: Vec<Notable>,
    /// Files that look like secrets and would be sent, by path; at most 100.
    pub secrets: Vec<Secret>,
    /// How many of them there are.
    pub secrets_total: u64,
    /// What could not be read, by path; at most 100.
    pub warnings: Vec<Warning>,
    /// How many of them there are.
    pub warnings_total: u64,
}

/// What one line of the ignore file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PatternUse {
    /// Files that this pattern decided about: left out, or brought back by a `!`. Those below a skipped
    /// folder are not counted.
    pub hits: Tally,
    /// True if it hit anything, a folder too. A pattern that could change nothing is not asked.
    pub matched: bool,
    /// True if it hit a folder that was skipped, so that `hits` is too low.
    pub skipped: bool,
    /// True if the pattern is faulty and was reached: the build would stop.
    pub fault: bool,
}

/// An entry of the context's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopEntry {
    /// Its name.
    pub name: String,
    /// True for a folder.
    pub folder: bool,
    /// What is kept of it.
    pub kept: Tally,
    /// What is left out of it, as far as it was measured.
    pub excluded: Tally,
    /// True if something in it was skipped, so that `excluded` is too low.
    pub skipped: bool,
}

/// The answer to a [`SourceQuery`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueryResult {
    /// The caller's number.
    pub id: usize,
    /// What the sources take together; a file that two of them name counts once.
    pub total: Tally,
    /// The bytes of that if each name of a hard link is a file of its own.
    pub apart: u64,
    /// One per source, in the order asked.
    pub sources: Vec<SourceResult>,
    /// The largest files among them, at most 5.
    pub largest: Vec<LargeFile>,
}

/// The answer for one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceResult {
    /// The source as asked.
    pub source: String,
    /// Whether it is there.
    pub status: SourceStatus,
    /// What it takes.
    pub total: Tally,
    /// The first folder that its wildcard hits, of those that the ignore file keeps.
    #[serde(skip)]
    pub folder: Option<String>,
    /// The link that it is, or goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<SourceLink>,
}

/// A symbolic link that a source is, or goes through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceLink {
    /// Its path.
    pub path: String,
    /// Where it leads, as it is written.
    pub target: String,
    /// True if that is out of the build context.
    pub leads_out: bool,
}

/// Whether a source is there. Names are case-sensitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceStatus {
    /// It exists and at least a part of it is kept.
    Found,
    /// It exists, but the ignore file leaves it out.
    Excluded {
        /// The pattern that does, an index into the ignore file's patterns.
        by: Option<usize>,
    },
    /// It does not exist, or its wildcard matches nothing.
    Missing,
}

/// A file and its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LargeFile {
    /// Its path.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Kept files or folders of one kind that no image needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notable {
    /// The name it goes by, such as `node_modules` or `*.log`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub what: &'static str,
    /// The line of an ignore file that leaves it out.
    pub line: String,
    /// In how many places it is.
    pub places: u64,
    /// The first of them, by path.
    pub example: String,
    /// What is kept of it.
    pub kept: Tally,
    /// What would be sent of it.
    pub sent: Tally,
}

/// A file that looks like a secret and would be sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Secret {
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// What it looks like.
    pub kind: SecretKind,
    /// The ids of the queries that copy it.
    pub queries: Vec<usize>,
}

/// What a file that looks like a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// `.env` and its kin.
    Environment,
    /// A private key.
    PrivateKey,
    /// A key store or password database.
    KeyStore,
    /// The login of a package registry.
    RegistryLogin,
    /// A cloud account's credentials.
    CloudCredentials,
    /// Stored passwords for hosts, as in `.netrc`.
    HostPasswords,
    /// Access to a cluster.
    ClusterConfig,
    /// Terraform state, which holds secrets in clear.
    InfrastructureState,
}

/// Something that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Warning {
    /// Where.
    pub path: String,
    /// What kind of trouble.
    pub kind: WarningKind,
    /// What the system says.
    pub message: String,
}

/// A kind of trouble on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// A folder or its entries cannot be read.
    Unreadable,
    /// A name is not UTF-8.
    NotUtf8,
}
