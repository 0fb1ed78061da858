//! Where copied files end up, and what they weigh.

use dockerignore::filepath::clean;

use super::{CopyUse, Model, SourceKind, Stage, covers};

/// How many copies before a command are looked at.
const MAX_COPIES: usize = 100;

impl Model {
    /// COPY and ADD before `step` whose files are still there, the last first.
    pub fn copies_before<'m>(&'m self, stage: &'m Stage, step: usize) -> impl Iterator<Item = &'m CopyUse> {
        let end = self.copies.partition_point(|c| c.step < step);
        self.copies[..end]
            .iter()
            .rev()
            .take(MAX_COPIES)
            .filter(move |c| !c.mount && !c.onbuild && self.inherits_step(stage, c.step))
    }

    /// The copies before `step` whose files all lie at or below one of `paths`, but the root; none that another
    /// one of them holds.
    #[must_use]
    pub fn copies_within<'m>(&'m self, stage: &'m Stage, step: usize, paths: &[String]) -> Vec<&'m CopyUse> {
        let within = |copy: &&CopyUse| {
            let targets = copy.targets();
            let lies = |target: &String| paths.iter().any(|p| p != "/" && covers(p, target));
            !targets.is_empty() && targets.iter().all(lies) || copy.is_named_by(paths)
        };
        without_repeats(self.copies_before(stage, step).filter(within).collect())
    }
}

impl CopyUse {
    /// Where the sources of a copy end up: the paths of the single files, or that of the folder.
    #[must_use]
    pub fn targets(&self) -> Vec<String> {
        let Some(destination) = self.destination.known() else { return Vec::new() };
        if !destination.ends_with('/') {
            return vec![destination.to_owned()];
        }
        let name = |value: &str| {
            let last = value.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_owned();
            (!matches!(&*last, "" | "." | "..") && !last.contains(['*', '?', '[']))
                .then(|| format!("{destination}{last}"))
        };
        let named: Option<Vec<String>> = self
            .sources
            .iter()
            .map(|s| {
                let value = s.value.known()?;
                let value = if s.kind == SourceKind::Url { value.split(['?', '#']).next()? } else { value };
                name(value)
            })
            .collect();
        // A source may be a folder, whose content goes to the destination itself.
        match named {
            Some(named) if self.sources.iter().all(|s| s.value.known().is_some_and(is_file_name)) => named,
            _ => vec![destination.trim_end_matches('/').to_owned()],
        }
    }

    /// True if `paths` name what its sources become as files of the destination: `/bin/app` for `COPY app /bin/`.
    /// Were the source a folder, no such path would be there.
    #[must_use]
    pub fn is_named_by(&self, paths: &[String]) -> bool {
        let Some(folder) = self.destination.known().filter(|d| d.ends_with('/')) else { return false };
        let named = |value: &str| {
            let last = value.rsplit('/').next().unwrap_or("");
            !matches!(last, "" | "." | "..")
                && paths.iter().any(|p| p.strip_prefix(folder).is_some_and(|rest| rest == last))
        };
        !self.sources.is_empty() && self.sources.iter().all(|s| s.value.known().is_some_and(named))
    }

    /// True if it brings all that `other` takes from the build context, to the same places.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        let plain = |copy: &Self| copy.query.as_ref().is_some_and(|q| q.excludes.is_empty() && !q.parents);
        plain(self)
            && plain(other)
            && !other.sources.is_empty()
            && other.sources.iter().all(|s| {
                s.value.known().and_then(|path| place(other, path)).is_some_and(|place| self.puts(&place))
            })
    }

    /// True if it puts what a source of another one is to the same place.
    fn puts(&self, wanted: &Place) -> bool {
        let Some(to) = self.destination.known().map(|d| d.trim_end_matches('/')) else { return false };
        self.sources.iter().any(|source| {
            let Some(folder) = source.value.known().and_then(relative) else { return false };
            // What lies below this source.
            let below = match wanted.source.strip_prefix(&*folder) {
                Some(rest) if folder.is_empty() || rest.is_empty() || rest.starts_with('/') => {
                    rest.trim_matches('/')
                }
                _ => return false,
            };
            match below {
                "" if is_file_name(&folder) => {
                    place(self, &folder).is_some_and(|own| own.target == wanted.target)
                }
                "" => to == wanted.target,
                below => wanted.target.strip_prefix(to).and_then(|t| t.strip_prefix('/')) == Some(below),
            }
        })
    }
}

/// The copies without those that others of them hold, so that no file counts twice.
#[must_use]
fn without_repeats(mut copies: Vec<&CopyUse>) -> Vec<&CopyUse> {
    let mut kept: Vec<&CopyUse> = Vec::new();
    while let Some(copy) = copies.pop() {
        if !kept.iter().chain(&copies).any(|other| other.holds(copy)) {
            kept.push(copy);
        }
    }
    kept
}

/// A source, and where its files end up.
struct Place {
    /// Relative to the context and clean; empty for the whole.
    source: String,
    /// The path of the file, or of the folder whose contents come from it.
    target: String,
}

fn place(copy: &CopyUse, source: &str) -> Option<Place> {
    let source = relative(source)?;
    let destination = copy.destination.known()?;
    let into_folder = destination.ends_with('/') || copy.sources.len() > 1;
    let target = destination.trim_end_matches('/');
    let target = match source.rsplit('/').next() {
        Some(name) if into_folder && is_file_name(&source) => format!("{target}/{name}"),
        _ => target.to_owned(),
    };
    Some(Place { source, target })
}

/// A path of the context without `./` and `/`; `None` for patterns.
fn relative(path: &str) -> Option<String> {
    let clean = clean(&format!("/{path}"));
    let path = clean.trim_matches('/');
    (!path.contains(['*', '?', '['])).then(|| path.to_owned())
}

/// True if a path looks like a file: its last part has an extension.
#[must_use]
pub fn is_file_name(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or("");
    last.rfind('.').is_some_and(|at| at > 0)
}
