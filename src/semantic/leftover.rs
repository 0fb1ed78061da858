//! What package managers leave in a layer.

mod cleared;

use std::cell::LazyCell;

use crate::syntax::{ImageRef, Mount, MountType};
use crate::text::holds;

use super::{Base, Cmd, CommandId, Model, PerStage, RunsAs, ScriptKind, Setting, covers};
use crate::knowledge::{Action, Cache, Family, Manager, ManagerId};

/// The most commands that are looked at for another place of a cache.
const MAX_SETTINGS: usize = 32;

/// Lists or downloads that a RUN writes and does not remove.
#[derive(Debug, Clone)]
pub struct Leftover {
    /// The step of the RUN.
    pub step: usize,
    /// The commands that write it, at least one.
    pub commands: Vec<CommandId>,
    /// Their package manager.
    pub manager: &'static Manager,
    /// What it leaves.
    pub cache: &'static Cache,
    /// The folder that a variable has moved it to.
    pub moved: Option<String>,
}

impl Leftover {
    /// The first command that writes it.
    #[must_use]
    pub fn first<'m>(&self, model: &'m Model) -> Cmd<'m> {
        model.command(self.commands[0])
    }

    /// True for packages as they were downloaded, beside the lists of packages.
    #[must_use]
    pub fn is_downloads(&self) -> bool {
        self.manager.downloads.as_ref().is_some_and(|downloads| std::ptr::eq(downloads, self.cache))
    }

    /// All commands that write it.
    pub fn commands<'m>(&self, model: &'m Model) -> impl Iterator<Item = Cmd<'m>> {
        self.commands.iter().map(|id| model.command(*id))
    }
}

impl Model {
    /// What the RUN of `step` leaves in its layer.
    #[must_use]
    pub fn leftovers(&self, step: usize) -> &[Leftover] {
        let all = self.facts.leftovers.get_or_init(|| self.all_leftovers());
        let behind = &all[all.partition_point(|l| l.step < step)..];
        &behind[..behind.partition_point(|l| l.step == step)]
    }

    fn all_leftovers(&self) -> Vec<Leftover> {
        let mut found: Vec<Leftover> = Vec::new();
        // Where those of the present step begin.
        let mut from = 0;
        let kept_from = LazyCell::new(|| self.keeps_downloads_from());
        let keeps_by_apt = LazyCell::new(|| holds(self.file.text(), "Keep-Downloaded-Packages \"true\""));
        // Its gems may be anywhere then.
        let is_configured = LazyCell::new(|| holds(self.file.text(), "bundle config"));
        let settings = LazyCell::new(|| self.cache_settings());
        let is_set = |cmd: &Cmd<'_>, manager: &Manager| {
            let mut before = settings.iter().filter(|s| s.id() < cmd.id());
            before.any(|s| {
                s.usage.manager.is_some_and(|m| m.id == manager.id)
                    && cmd.stage().is_some_and(|stage| self.inherits_step(stage, s.step()))
            })
        };
        for cmd in self.commands() {
            let fills = cmd
                .fills()
                .filter(|(manager, ..)| manager.system || !is_set(&cmd, manager))
                .filter(|(m, ..)| !matches!(m.id, ManagerId::Bundler | ManagerId::Gem) || !*is_configured);
            let may_keep = cmd.usage.manager.is_some_and(|manager| manager.downloads.is_some());
            let downloads = may_keep
                .then(|| cmd.keeps_downloads(&kept_from))
                .flatten()
                // `apt` itself keeps them only if it is told to.
                .filter(|_| cmd.program() == "apt-get" || *keeps_by_apt)
                .map(|(manager, cache)| (manager, cache, None));
            for (manager, cache, moved) in [fills, downloads].into_iter().flatten() {
                let step = cmd.step();
                if found.last().is_some_and(|l| l.step != step) {
                    from = found.len();
                }
                let same = |l: &&mut Leftover| l.manager.id == manager.id && std::ptr::eq(l.cache, cache);
                match found[from..].iter_mut().find(same) {
                    Some(leftover) => leftover.commands.push(cmd.id()),
                    None => {
                        found.push(Leftover { step, commands: vec![cmd.id()], manager, cache, moved });
                    }
                }
            }
        }
        let configured = LazyCell::new(|| cleared::Configured::of(self));
        found.retain(|l| {
            !self.is_mounted(l.step, l.manager, l.cache)
                && !self.is_cleaned(l)
                && !self.is_kept_elsewhere(l)
                && !configured.has(l)
                && !self.is_cleaned_around(l)
        });
        found
    }

    /// The commands by which package managers note another place of their caches: `npm config set cache /c`.
    fn cache_settings(&self) -> Vec<Cmd<'_>> {
        if !holds(self.file.text(), " config ") {
            return Vec::new();
        }
        let sets = |cmd: &Cmd<'_>| {
            let mut words = cmd.args().iter().map(|word| word.static_prefix());
            cmd.usage.manager.is_some_and(|manager| !manager.system)
                && words.any(|word| word == "config")
                && words.any(|word| word.contains("cache") || word.contains("store-dir"))
        };
        self.commands().filter(sets).take(MAX_SETTINGS).collect()
    }

    /// By stage the first command, of it or of a stage that it starts from, that takes `docker-clean` away: the setting of the
    /// official images by which apt removes what it has downloaded.
    fn keeps_downloads_from(&self) -> PerStage<Option<CommandId>> {
        const SETTING: &str = "/etc/apt/apt.conf.d/docker-clean";
        let text = self.file.text();
        if !holds(text, "docker-clean") && !holds(text, "/etc/apt/apt.conf.d") {
            return PerStage::default();
        }
        let mut first: PerStage<Option<CommandId>> = self.stages.each(None);
        for program in ["rm", "unlink", "mv", "echo", "printf", ":", "truncate"] {
            for cmd in self.commands_named(program) {
                let place = cmd.shell().place.within;
                let named = |word: &crate::shell::Word| word.static_prefix() == SETTING;
                let takes = match program {
                    "rm" | "unlink" => cmd.removed_paths().iter().any(|path| covers(path, SETTING)),
                    "mv" | "truncate" => cmd.args().iter().any(named),
                    _ => cmd.shell().redirects.iter().filter_map(|r| r.target.as_ref()).any(named),
                };
                let Some(stage) = cmd.stage().filter(|_| takes && !place.branch && !place.condition) else {
                    continue;
                };
                if let Some(known) = first.get_mut(stage.index) {
                    *known = Some(known.map_or(cmd.id(), |id| id.min(cmd.id())));
                }
            }
        }
        // A stage stands behind the one that it starts from.
        for stage in &self.stages {
            let below = match stage.base {
                Base::Stage(below) => first.get(below).copied().flatten(),
                _ => None,
            };
            if let (Some(below), Some(own)) = (below, first.get_mut(stage.index)) {
                *own = Some(own.map_or(below, |own| own.min(below)));
            }
        }
        first
    }

    /// True if the folder that a cache was moved to is a mount, or removed in the same RUN.
    fn is_kept_elsewhere(&self, leftover: &Leftover) -> bool {
        let Some(folder) = &leftover.moved else { return false };
        let mounts = &self.instruction(leftover.step).mounts;
        mounts.iter().any(|m| covers(m.target().unwrap_or(""), folder))
            || self.commands_of(leftover.step).any(|c| c.removed_paths().iter().any(|p| covers(p, folder)))
    }

    /// The folder that `leftover` is in, as an absolute path, where image and user tell.
    #[must_use]
    pub fn folder(&self, leftover: &Leftover) -> Option<String> {
        if leftover.moved.is_some() {
            return leftover.moved.clone();
        }
        let step = leftover.step;
        let folder = *leftover.cache.folders.first()?;
        if let Some(rest) = folder.strip_prefix('~') {
            return match (leftover.first(self).setting("HOME"), self.runs_as(step)) {
                (Some(Setting::To(home)), _) if home.starts_with('/') => {
                    Some(format!("{}{rest}", home.trim_end_matches('/')))
                }
                (None, RunsAs::Root) => Some(format!("/root{rest}")),
                _ => None,
            };
        }
        let program = leftover.first(self).program();
        match (leftover.manager.id, program) {
            // It has kept the name of the program that it took over from.
            (ManagerId::Microdnf, _) => Some("/var/cache/yum".to_owned()),
            (_, "tdnf" | "dnf5") => {
                Some(format!("/var/cache/{}", if program == "tdnf" { "tdnf" } else { "libdnf5" }))
            }
            (ManagerId::Dnf | ManagerId::Yum, _) => {
                let Base::Image(image) = self.root_base(self.stage_of(step)?) else { return None };
                super::images::facts(image)?;
                let tag = image.tag.as_deref().unwrap_or("latest");
                // `centos:centos7`.
                let tag = tag.strip_prefix(image.repository()).unwrap_or(tag);
                let digits = tag.bytes().take_while(u8::is_ascii_digit).count();
                let major = tag.get(..digits)?.parse::<u32>().ok();
                let is_version_7 = image.path.split('/').any(|part| matches!(part, "ubi7" | "rhel7"));
                // Their `dnf` is microdnf.
                let is_lambda = image.path.starts_with("lambda/");
                Some(
                    match (image.repository(), major) {
                        _ if is_version_7 || is_lambda => "/var/cache/yum",
                        ("centos" | "oraclelinux" | "ubi7", Some(..=7)) | ("amazonlinux", Some(..=2)) => {
                            "/var/cache/yum"
                        }
                        ("fedora", None | Some(41..)) => "/var/cache/libdnf5",
                        _ => "/var/cache/dnf",
                    }
                    .to_owned(),
                )
            }
            _ => Some(folder.to_owned()),
        }
    }

    fn is_cleaned(&self, leftover: &Leftover) -> bool {
        let last = leftover.commands.last();
        self.commands_of(leftover.step).any(|c| {
            let later = last.is_none_or(|last| c.id() > *last) || c.shell().place.within.function;
            later && (c.cleans(leftover.manager, leftover.cache) || c.cleans_somehow())
        })
    }

    /// True if the folder of `cache` is a cache mount or in memory while `step` runs.
    #[must_use]
    pub fn is_mounted(&self, step: usize, manager: &Manager, cache: &Cache) -> bool {
        let mounts = &self.instruction(step).mounts;
        mounts.iter().filter(|m| !matches!(m.kind, MountType::Secret | MountType::Ssh)).any(|m| {
            if self.misses_home(step, m) {
                return false;
            }
            let target = m.target().unwrap_or("");
            // The cache of another user's home.
            if target.starts_with("/home/")
                && self.runs_as(step) == RunsAs::Root
                && self.binding(step, "HOME").is_none()
                && cache.folders.iter().all(|f| f.starts_with('~'))
                && cache
                    .elsewhere
                    .iter()
                    .all(|name| self.binding(step, name.split('/').next().unwrap_or(name)).is_none())
            {
                return false;
            }
            cache
                .folders
                .iter()
                .any(|f| covers(target, f) || target.starts_with(f) || !manager.system && same_end(target, f))
        })
    }
}

impl Model {
    /// True for a mount at `~/…` or `$HOME/…`: BuildKit does not know the home folder of a user. It makes a folder
    /// called `~` below the WORKDIR, and takes HOME for empty unless an ENV sets it.
    #[must_use]
    pub fn misses_home(&self, step: usize, mount: &Mount) -> bool {
        let target = mount.target().unwrap_or("");
        let names_home = target.contains("$HOME") || target.contains("${HOME}");
        target.starts_with('~') || names_home && self.binding(step, "HOME").is_none()
    }
}

impl Cmd<'_> {
    /// What it has downloaded and leaves there, since a command before it has taken that setting away.
    fn keeps_downloads(
        &self,
        from: &PerStage<Option<CommandId>>,
    ) -> Option<(&'static Manager, &'static Cache)> {
        let manager = self.usage.manager?;
        let cache =
            manager.downloads.as_ref().filter(|cache| cache.filled_by.contains(&self.usage.action))?;
        let stage = self.stage()?;
        let first = from.get(stage.index).copied().flatten()?;
        let Base::Image(image) = self.model.root_base(stage) else { return None };
        let of_docker = image.is_official()
            && matches!(self.model.family(stage), Family::Debian | Family::Ubuntu)
            && self.script().kind == ScriptKind::Run;
        let words = || self.args().iter().map(|w| w.static_prefix());
        let told = words().any(|word| {
            word.contains("Dir::") || word.contains("RootDir") || word.contains("Keep-Downloaded")
        });
        let off = told || self.is_dry_run() || self.has_any_flag(cache.unless) || self.downloads_nothing();
        (first < self.id() && of_docker && !off).then_some((manager, cache))
    }

    /// True for a manager whose cache is there, or worth a word, only in some images and with some settings.
    fn has_cache(&self, manager: &Manager) -> bool {
        match manager.id {
            // What it links from there into the environment takes its bytes once.
            ManagerId::Uv => {
                self.setting("UV_LINK_MODE") == Some(Setting::To("copy"))
                    || self.option_value(&["--link-mode"]) == Some("copy")
            }
            ManagerId::Gem | ManagerId::Bundler => {
                let of_ruby = |image: &ImageRef| image.is_official() && image.familiar_path() == "ruby";
                let known = self.stage().is_some_and(
                    |stage| matches!(self.model.root_base(stage), Base::Image(image) if of_ruby(image)),
                );
                // Bundler alone is one small gem.
                let small = |w: &&crate::shell::Word| {
                    matches!(w.static_prefix().split(':').next(), Some("bundler" | "rake"))
                };
                let operands = self.operands();
                let tiny = manager.id == ManagerId::Gem && !operands.is_empty() && operands.iter().all(small);
                known && !tiny
            }
            ManagerId::Pip => !self.is_before_caches(),
            // Nobody knows what becomes of folders of its own.
            ManagerId::Apt => {
                let tells = |w: &crate::shell::Word| {
                    ["Dir::", "RootDir"].iter().any(|key| w.static_prefix().contains(key))
                };
                !self.args().iter().any(tells) && self.setting("APT_CONFIG").is_none()
            }
            _ => true,
        }
    }

    /// True for the pip 1 of Ubuntu 12.04 and 14.04 and of Debian 7 and 8, unless another one may have come: it keeps no cache,
    /// and knows no `--no-cache-dir`.
    fn is_before_caches(&self) -> bool {
        let is_old = |image: &ImageRef| {
            let tag = image.tag.as_deref().unwrap_or_default();
            let release = tag.split(['-', '.']).next().unwrap_or_default();
            match image.familiar_path() {
                "ubuntu" => matches!(release, "12" | "14" | "precise" | "trusty"),
                "debian" | "debian/eol" => matches!(release, "7" | "8" | "wheezy" | "jessie"),
                _ => false,
            }
        };
        let base = self.stage().map(|stage| self.model.root_base(stage));
        matches!(base, Some(Base::Image(image)) if is_old(image))
            && !["get-pip", "easy_install", " pip --upgrade", "upgrade pip", "-U pip"]
                .iter()
                .any(|other| holds(self.model.file.text(), other))
    }

    /// The cache that it writes and that nothing on its command line or around it turns off.
    fn fills(&self) -> Option<(&'static Manager, &'static Cache, Option<String>)> {
        let manager = self.usage.manager?;
        let cache = manager.cache.as_ref()?;
        let installs = self.usage.action == Action::Install;
        let fills = cache.filled_by.contains(&self.usage.action)
            || installs && !cache.filled_with.is_empty() && self.has_any_flag(cache.filled_with);
        if !fills || self.script().kind != ScriptKind::Run || !self.has_cache(manager) {
            return None;
        }
        let off = self.has_any_flag(cache.unless) || self.has_any_flag(manager.no_cache);
        // Where it was moved to, what it removes it with finds it, too.
        let moved = cache.elsewhere.iter().find_map(|place| {
            // `COMPOSER_HOME/cache`: the variable, and what lies below it.
            let (name, below) = place.split_once('/').unwrap_or((place, ""));
            Some((self.setting(name)?, below))
        });
        let by_itself = cache.remove.split(' ').next().is_some_and(|first| manager.commands.contains(&first));
        let moved = match moved {
            Some((Setting::To(folder), below))
                if by_itself && folder.starts_with('/') && !covers("/tmp", folder) =>
            {
                Some(format!("{}/{below}", folder.trim_end_matches('/')).trim_end_matches('/').to_owned())
            }
            Some(_) => return None,
            None => None,
        };
        // In `/dev/null` nothing stays.
        if moved.as_deref().is_some_and(|folder| covers("/dev", folder)) {
            return None;
        }
        let turned_off = || manager.no_cache_env.iter().any(|n| self.setting(n).is_some_and(is_on));
        // Options may come out of a variable.
        let unknown = || self.args().iter().any(|w| w.has_expansion() && self.may_be_options(w));
        let kept = !off && !turned_off() && !unknown() && !self.downloads_nothing();
        (kept && !self.leaves_nothing(cache)).then_some((manager, cache, moved))
    }

    /// True if it removes the cache of `manager`.
    #[must_use]
    pub fn cleans(&self, manager: &Manager, cache: &Cache) -> bool {
        let same =
            self.usage.manager.is_some_and(|m| m.id == manager.id || cache.shared_with.contains(&m.id));
        if same && self.usage.action == Action::Clean && cache.cleaned_by.is_empty() {
            return true;
        }
        if same
            && cache.cleaned_by.iter().any(|entry| self.is_subcommand(entry) || self.starts_with_words(entry))
        {
            return true;
        }
        let is_removal = matches!(self.program(), "rm" | "find");
        // `rm /var/cache/apt/archives/*.deb`, `find /usr/local/bundle -name '*.gem' -delete`.
        let removes_files = |cache: &Cache| {
            let names = |w: &crate::shell::Word| {
                let text = self.model.text(w.span);
                cache.folders.iter().any(|folder| text.contains(folder) && w.has_glob())
                    || cache.what == "downloaded gems" && (text.contains("cache") || text.contains(".gem"))
            };
            cache.what.starts_with("downloaded") && self.args().iter().any(names)
        };
        let removes = |path: &String| {
            cache.folders.iter().any(|folder| {
                covers(path, folder)
                    || takes_part(path, folder)
                    || !manager.system && same_end(path, folder)
                    || takes_all_inside(path, folder, cache.holds)
            })
        };
        is_removal && (removes_files(cache) || self.removed_paths().iter().any(removes))
    }

    /// True if the operands, with the subcommand, are `words`, and perhaps more.
    fn starts_with_words(&self, words: &str) -> bool {
        let Some(sub) = self.subcommand() else { return false };
        let mut given: Vec<&str> = sub.split(' ').collect();
        let operands = self.operands();
        given.extend(operands.iter().map(|w| w.static_prefix()));
        words.split(' ').enumerate().all(|(i, w)| given.get(i) == Some(&w))
    }

    /// True for a script whose name says that it cleans up.
    fn cleans_somehow(&self) -> bool {
        self.usage.manager.is_none() && self.program().contains("clean")
    }
}

/// True unless a variable is empty. pip takes any other value, `0` too, as a wish for no cache.
fn is_on(setting: Setting<'_>) -> bool {
    setting != Setting::To("")
}

/// True for `/root/.npm/_cacache` of `~/.npm`, if `_cacache` holds all that it has.
fn takes_all_inside(path: &str, folder: &str, holds: &[&str]) -> bool {
    let above = |name: &&str| path.trim_end_matches('/').strip_suffix(name)?.strip_suffix('/');
    holds.iter().filter_map(above).any(|above| covers(above, folder) || same_end(above, folder))
}

/// True for `/var/cache/apk/APKINDEX*` of `/var/cache/apk`.
fn takes_part(path: &str, folder: &str) -> bool {
    path.ends_with('*') && path.starts_with(folder)
}

/// True if two paths end in the same name: caches are moved with their name kept. A program may have it as well.
fn same_end(path: &str, folder: &str) -> bool {
    if path.contains("/bin/") {
        return false;
    }
    fn name(path: &str) -> Option<&str> {
        path.trim_end_matches('/').rsplit('/').next()
    }
    name(path) == name(folder)
}

#[cfg(test)]
mod tests;
