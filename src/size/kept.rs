//! What pip and uv keep of their downloads in a layer.

use crate::knowledge::ManagerId;
use crate::semantic::{Analysis, Cmd, Setting, covers};

use super::packages::AptInstall;
use super::plan::{Estimate, Provenance};
use super::python::{PipInstall, WHEEL_SLACK, install_of, source};

/// How far off the wheels of other versions are, in percent.
const KEPT_SLACK: (u64, u64) = (25, 25);
/// A page of the index for each package, with all of its versions: from a few kilobytes to three megabytes, and half
/// a megabyte on average of larger installs.
const PAGE: u64 = 450_000;
const LEAST_PAGE: u64 = 20_000;
const MOST_PAGE: u64 = 700_000;
const MOST_PAGES_MORE: u64 = 3_000_000;
/// uv keeps them in a form of its own, and what it has read of each wheel.
const UV_PAGE: (u64, (u64, u64)) = (200_000, (50_000, 350_000));

/// What pip keeps of its downloads in a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDownloads {
    /// Bytes, as far as they are known.
    pub bytes: u64,
    /// The least and the most that they may be.
    pub range: (u64, u64),
    /// The part of that which is pages of the index.
    pub pages: Estimate,
    /// Where the estimate comes from.
    pub source: String,
    /// False if there is more, which is unknown.
    pub complete: bool,
}

/// What pip keeps of its downloads in the layer of `step`, by the installs of its stage; `None` if it keeps
/// nothing.
#[must_use]
pub fn kept_downloads(model: &Analysis, installs: &[PipInstall<'_>], step: usize) -> Option<KeptDownloads> {
    let left = model.leftovers(step).iter().find(|l| l.manager.id == ManagerId::Pip)?;
    let (mut bytes, mut names, mut complete) = (0_u64, 0_usize, true);
    for cmd in &left.commands {
        match install_of(installs, *cmd) {
            Some(install) => {
                bytes = bytes.saturating_add(install.adds.kept);
                names += install.adds.packages.len();
                complete &= install.unknown.is_empty();
            }
            None => complete = false,
        }
    }
    let wheels = Estimate::around(bytes, KEPT_SLACK, Provenance::Estimated, source());
    let pages = pages(names);
    Some(KeptDownloads {
        bytes: bytes.saturating_add(pages.bytes),
        range: (wheels.range.0 + pages.range.0, wheels.range.1.saturating_add(pages.range.1)),
        pages,
        source: wheels.source,
        complete,
    })
}

/// What packages of Debian weigh as they are downloaded, of a thousand bytes that they install: 214 to 311 with all that ten
/// of them need (ca-certificates, curl, ffmpeg, gcc, git, nginx, openjdk-17-jre-headless, postgresql-client, python3 and vim
/// of Debian 12, by its index of 2026-11).
const DOWNLOADED: (u64, (u64, u64)) = (260, (170, 400));

/// What apt keeps of what it has downloaded for these installs; `None` if that is not known.
#[must_use]
pub fn kept_by_apt<'i, 'm: 'i>(installs: impl Iterator<Item = &'i AptInstall<'m>>) -> Option<Estimate> {
    let (mut bytes, mut source) = (0_u64, None);
    for install in installs {
        if install.incomplete.is_some() {
            return None;
        }
        bytes = bytes.saturating_add(install.at_most);
        source = Some(install.source());
    }
    let (usual, (least, most)) = DOWNLOADED;
    let of = |share: u64| bytes / 1000 * share;
    Some(Estimate {
        bytes: of(usual),
        range: (of(least), of(most)),
        provenance: Provenance::Estimated,
        source: source.filter(|_| bytes > 0)?,
    })
}

/// The pages of the index of so many packages.
fn pages(names: usize) -> Estimate {
    let names = u64::try_from(names).unwrap_or(u64::MAX);
    let times = |bytes: u64| names.saturating_mul(bytes);
    let more = if names > 0 { MOST_PAGES_MORE } else { 0 };
    Estimate {
        bytes: times(PAGE),
        range: (times(LEAST_PAGE), times(MOST_PAGE).saturating_add(more)),
        provenance: Provenance::Estimated,
        source: "measured, 2026-11".to_owned(),
    }
}

/// What uv keeps of an install in its cache. What it links from there into the environment takes its bytes once;
/// what it copies is there twice. Both parts: packages, and pages of the index.
#[must_use]
pub fn kept_by_uv(install: &PipInstall<'_>) -> Option<(Option<Estimate>, Estimate)> {
    let cmd = &install.cmd;
    if cmd.usage.manager.is_none_or(|m| m.id != ManagerId::Uv) || !keeps_cache(cmd) {
        return None;
    }
    let names = install.adds.packages.len();
    let copies = cmd.setting("UV_LINK_MODE") == Some(Setting::To("copy")) || links_by_copies(cmd);
    let packages = Estimate::around(install.adds.files, WHEEL_SLACK, Provenance::Estimated, source());
    let names = u64::try_from(names).unwrap_or(u64::MAX);
    let (page, (least, most)) = UV_PAGE;
    let pages = Estimate {
        bytes: names.saturating_mul(page),
        range: (names.saturating_mul(least), names.saturating_mul(most)),
        provenance: Provenance::Estimated,
        source: "measured, 2026-11".to_owned(),
    };
    Some((copies.then_some(packages), pages))
}

fn links_by_copies(cmd: &Cmd<'_>) -> bool {
    let mut words = cmd.args().iter().map(|w| w.static_prefix());
    words.any(|w| w == "--link-mode=copy")
        || cmd.args().windows(2).any(|w| w[0].is("--link-mode") && w[1].is("copy"))
}

/// True if uv's cache stays in the layer.
pub(super) fn keeps_cache(cmd: &Cmd<'_>) -> bool {
    const FOLDERS: [&str; 3] = ["~/.cache/uv", "/root/.cache/uv", "/root/.cache"];
    let off =
        cmd.has_any_flag(&["--no-cache", "-n", "--no-cache-dir"]) || cmd.setting("UV_NO_CACHE").is_some();
    let moved = cmd.setting("UV_CACHE_DIR").is_some() || cmd.has_flag("--cache-dir");
    let mounts = &cmd.model.instruction(cmd.step()).mounts;
    let mounted =
        mounts.iter().filter_map(|m| m.target()).any(|t| t.ends_with("/.cache") || t.ends_with("/uv"));
    let cleans = |other: &Cmd<'_>| {
        other.id() > cmd.id()
            && (other.program() == "uv" && other.args().first().is_some_and(|w| w.is("cache"))
                || other.removed_paths().iter().any(|path| FOLDERS.iter().any(|folder| covers(path, folder))))
    };
    !off && !moved && !mounted && !cmd.model.commands_of(cmd.step()).any(|other| cleans(&other))
}
