//! What `dlint.lock` says of images, for all that reads a Dockerfile.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::lock::{BaseFacts, Bases, LockedBase, NAME};
use crate::semantic::{BaseConfig, BaseConfigs, Moved};
use crate::syntax::{Keyword, Value};
use crate::tree::Tree;

use super::lock_file::LockPlace;
use super::repository::is_top;

/// How far up a lock file is looked for.
const MAX_LEVELS: usize = 32;

/// Lock files, each read once.
#[derive(Debug, Default)]
pub(super) struct Locks(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// What counts in folders, as they are written.
    folders: HashMap<PathBuf, Arc<BaseConfigs>>,
    /// Whether there is a lock file in folders without links, or above them.
    above: HashMap<PathBuf, bool>,
    files: HashMap<PathBuf, Arc<BaseConfigs>>,
}

impl Locks {
    /// What the lock file of a Dockerfile says of images: nothing if there is none, or if it is wrong, which the commands
    /// say that are about it.
    pub(super) fn bases(&self, tree: &Tree, dockerfile: &Path) -> Arc<BaseConfigs> {
        let folder = dockerfile.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bases) = known.folders.get(folder) {
            return Arc::clone(bases);
        }
        let bases = known.look(tree, folder, dockerfile).unwrap_or_default();
        known.folders.insert(folder.to_path_buf(), Arc::clone(&bases));
        bases
    }
}

impl Known {
    fn look(&mut self, tree: &Tree, folder: &Path, dockerfile: &Path) -> Option<Arc<BaseConfigs>> {
        if !self.is_above(tree, &tree.real(folder).ok()?) {
            return None;
        }
        let place = LockPlace::of(tree, dockerfile)?;
        let path = tree.real(&place.path).ok()?;
        let read = || {
            let file = place.read(tree).ok().flatten();
            file.map(|file| configs(file.bases())).unwrap_or_default()
        };
        Some(Arc::clone(self.files.entry(path).or_insert_with(|| Arc::new(read()))))
    }

    /// True if there is a lock file in a folder or above it, so that it is worth to find out which one counts.
    fn is_above(&mut self, tree: &Tree, real: &Path) -> bool {
        let mut passed = Vec::new();
        let mut found = false;
        for folder in real.ancestors().take(MAX_LEVELS) {
            if let Some(known) = self.above.get(folder) {
                found = *known;
                break;
            }
            passed.push(folder);
            found = tree.is_file(&folder.join(NAME));
            if found || is_top(folder) {
                break;
            }
        }
        self.above.extend(passed.into_iter().map(|folder| (folder.to_path_buf(), found)));
        found
    }
}

/// What a lock file says of images by their names, also by names with the digests that these stood for.
fn configs(bases: &Bases) -> BaseConfigs {
    let mut configs: BTreeMap<String, BaseConfig> = BTreeMap::new();
    let mut add = |name: String, config: BaseConfig| match configs.remove(&name) {
        Some(other) => drop(configs.insert(name, other.in_common(&config))),
        None => drop(configs.insert(name, config)),
    };
    for (key, base) in bases {
        let LockedBase { digest, tag, date, facts, .. } = base;
        let Some((image, platform)) = key.rsplit_once(' ') else { continue };
        let mut config = config(facts, platform);
        let moved = tag.as_ref().filter(|tag| *tag != digest);
        config.moved = moved.map(|digest| Moved { digest: digest.clone(), date: date.clone() });
        if !image.contains('@') {
            add(format!("{image}@{digest}"), config.clone());
        }
        add(image.to_owned(), config);
    }
    configs.into_iter().map(|(name, config)| (name, Arc::new(config))).collect()
}

/// What builds take over from an image whose triggers have run.
fn config(facts: &BaseFacts, platform: &str) -> BaseConfig {
    let top = || (!platform.starts_with("windows")).then(|| "/".to_owned());
    let keyword = |line: &String| Keyword::of(line.split_whitespace().next().unwrap_or(""));
    let triggers: Vec<Keyword> = facts.onbuild.iter().map(keyword).collect();
    let set_by_trigger = |keyword| triggers.iter().any(|one| [keyword, Keyword::Unknown].contains(one));
    let variable = |entry: &String| match entry.split_once('=') {
        Some((name, value)) => (name.to_owned(), Value::Known(value.to_owned())),
        None => (entry.clone(), Value::Unknown),
    };
    let mut config = BaseConfig {
        user: Some(facts.user.clone().unwrap_or_default()),
        workdir: facts.workdir.clone().or_else(top),
        env: facts.env.iter().map(variable).collect(),
        // Nearly each image sets PATH: without any, the list may have been too long to be kept.
        is_whole: !facts.env.is_empty(),
        shell: BaseConfig::shell_of(&facts.shell),
        has_entrypoint: !facts.entrypoint.is_empty(),
        platforms: facts.platforms.clone(),
        moved: None,
    };
    if set_by_trigger(Keyword::User) {
        config.user = None;
    }
    if set_by_trigger(Keyword::Workdir) {
        config.workdir = None;
    }
    if set_by_trigger(Keyword::Env) || set_by_trigger(Keyword::Arg) {
        config.env.values_mut().for_each(|value| *value = Value::Unknown);
        config.is_whole = false;
    }
    if set_by_trigger(Keyword::Shell) {
        config.shell.clear();
    }
    config.has_entrypoint |= set_by_trigger(Keyword::Entrypoint);
    config
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::semantic::{Model, RunsAs};
    use crate::tree::DISK;
    use crate::workspace::{Files, Target};

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn lock(entries: &[(&str, &str)]) -> String {
        let line = |(key, more): &(&str, &str)| {
            format!(
                "\"{key}\" = {{ digest = \"{DIGEST}\", bytes = 1, date = \"2026-11-30\", by = \"registry\"{more} }}\n"
            )
        };
        let lines: String = entries.iter().map(line).collect();
        format!("version = 1\n\n[base]\n{lines}")
    }

    /// Who runs the last instruction, and where, in a build upon what the lock file has.
    fn runs(entries: &[(&str, &str)], text: &str) -> (RunsAs, String) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        fs::create_dir(root.path().join("app")).unwrap();
        fs::write(root.path().join("dlint.lock"), lock(entries)).unwrap();
        let path = root.path().join("app/Dockerfile");
        fs::write(&path, text).unwrap();
        let files = Files::of(DISK.clone());
        let mut target = Target::of_file(&path);
        files.tell_bases(&mut target);
        let model: Arc<Model> = files.understood(&target.dockerfile, &target.build).unwrap();
        let last = model.file.instructions.len() - 1;
        let folder = model.workdir(last).known().unwrap_or("?").to_owned();
        (model.runs_as(last), folder)
    }

    #[test]
    fn an_image_runs_as_its_registry_has_told() {
        let app = ("example.com/app:1 linux/amd64", ", user = \"app\", workdir = \"/srv\"");
        let text = "FROM example.com/app:1\nWORKDIR x\nRUN true\n";
        let other = || RunsAs::Other("app".to_owned());
        assert_eq!(runs(&[app], text), (other(), "/srv/x".to_owned()));
        let pinned = format!("FROM example.com/app:1@{DIGEST}\nWORKDIR x\nRUN true\n");
        assert_eq!(runs(&[app], &pinned), (other(), "/srv/x".to_owned()));
        assert_eq!(runs(&[app], "FROM example.com/app:2\nRUN true\n"), (RunsAs::Unknown, "?".to_owned()));
        let root = ("example.com/app:1 linux/amd64", "");
        assert_eq!(runs(&[root], text), (RunsAs::Root, "/x".to_owned()));
        // Platforms that differ leave what they differ in unknown.
        let arm = ("example.com/app:1 linux/arm64", ", user = \"arm\", workdir = \"/srv\"");
        assert_eq!(runs(&[app, arm], text), (RunsAs::Unknown, "/srv/x".to_owned()));
        let trigger = ("example.com/app:1 linux/amd64", ", onbuild = [\"USER build\", \"COPY . .\"]");
        assert_eq!(runs(&[trigger], text), (RunsAs::Unknown, "/x".to_owned()));
        // The name says otherwise, and so would an official image.
        let plain = ("docker.io/library/app:nonroot linux/amd64", ", user = \"0\"");
        assert_eq!(runs(&[plain], "FROM app:nonroot\nRUN true\n").0, RunsAs::Root);
        let service = ("docker.io/library/app:1 linux/amd64", ", user = \"1000:0\"");
        assert_eq!(runs(&[service], "FROM app:1\nRUN true\n").0, RunsAs::Other("1000".to_owned()));
    }

    #[test]
    fn variables_and_shell_of_an_image_count() {
        let env = ", env = [\"PATH=/bin\", \"HOME_OF=/srv\", \"TOKEN\"], shell = [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]";
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("Dockerfile");
        fs::write(root.path().join("dlint.lock"), lock(&[("example.com/app:1 linux/amd64", env)])).unwrap();
        let text =
            "FROM example.com/app:1 AS a\nARG HOME_OF\nFROM a\nCOPY $HOME_OF x$NONE y$TOKEN z\nRUN x\n";
        fs::write(&path, text).unwrap();
        let files = Files::of(DISK.clone());
        let mut target = Target::of_file(&path);
        files.tell_bases(&mut target);
        let model = files.understood(&target.dockerfile, &target.build).unwrap();
        let sources = model.copies[0].sources.iter().map(|s| s.value.known().unwrap_or("?").to_owned());
        assert_eq!(sources.collect::<Vec<_>>(), ["/srv", "x", "?"]);
        let unset = |name: &str| model.base_leaves_unset(model.stages.last().unwrap(), name);
        assert_eq!(["NONE", "TOKEN", "HOME_OF"].map(unset), [Some(true), Some(false), Some(false)]);
        assert!(
            model.base_sets(model.stages.last().unwrap(), "TOKEN")
                && !model.base_sets(model.stages.last().unwrap(), "NONE")
        );
        let cmd = model.commands().next().unwrap();
        assert_eq!(
            (cmd.variable("HOME_OF"), cmd.variable("TOKEN"), cmd.variable("NONE")),
            (Some("/srv"), None, None)
        );
        assert_eq!(cmd.setting("HOME_OF"), Some(crate::semantic::Setting::To("/srv")));
        assert!(!cmd.is_unset("HOME_OF"));
        let shell = model.shell_of(&model.scripts[0]).0.unwrap();
        assert!(shell.program() == "/bin/bash" && shell.stops_at_errors());
        // A file that is wrong says nothing.
        fs::write(root.path().join("dlint.lock"), "<<<<<<< HEAD\n").unwrap();
        assert!(Locks::default().bases(&DISK, &path).is_empty());
    }
}
