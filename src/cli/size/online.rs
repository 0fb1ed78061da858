//! `dlint size --online`: asks for what a build takes from registries and web servers, and keeps the answers of a day in the
//! user's cache folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::diag::Problem;
use crate::engine::{Opened, today, write_report};
use crate::lock::{LockFile, MAX_BYTES};
use crate::registry::Client;
use crate::tree::DISK;
use crate::workspace::{Files, read_bounded};

use super::super::args::SizeArgs;
use super::super::lock::{Answers, Consent, Wanted, add, answers, consent, say_left};
use super::super::progress::{self, Asked};

/// Layers that are stored in this many bytes or fewer are downloaded.
const DOWNLOAD: u64 = 10_000_000;

/// What was answered, today; and what was not.
///
/// # Errors
/// In one sentence if nobody agrees to the requests.
pub(super) fn ask(args: &SizeArgs, project: &Opened) -> Result<(LockFile, Vec<Problem>), String> {
    let access = args.registries.access([]);
    let mut wanted = Wanted::default();
    let left = add(&mut wanted, &Files::default(), &project.target, &access)?;
    if !args.quiet {
        say_left(left);
    }
    let cache = folder().map(|folder| folder.join("dlint").join("online.lock"));
    let mut kept = cache.as_deref().map(read).unwrap_or_default();
    wanted.images.retain(|key, _| !kept.bases().contains_key(key));
    wanted.files.retain(|address, _| !kept.fetches().contains_key(address));
    let mut problems = Vec::new();
    if wanted.is_empty() {
        return Ok((kept, problems));
    }
    if consent(&wanted, (false, args.yes, args.quiet))? != Consent::Given {
        return Err("nothing was asked".to_owned());
    }
    let client = Client::new(access);
    let progress = Asked::of(wanted.images.len() + wanted.files.len());
    let found = progress::shown(args.quiet, &progress, || {
        answers(&client, &wanted, DOWNLOAD, &progress, &mut problems)
    });
    let Answers { images, files } = found;
    let (mut bases, mut fetches) = (kept.bases().clone(), kept.fetches().clone());
    bases.extend(images.into_iter().map(|(key, asked)| (key, asked.base)));
    fetches.extend(files);
    kept.set_bases(bases);
    kept.set_fetches(fetches);
    // Without a cache folder the next run asks again.
    if let Some(path) = cache {
        let _ = path.parent().map(fs::create_dir_all);
        let _ = write_report(&path, kept.text().as_bytes());
    }
    Ok((kept, problems))
}

/// The answers of today.
fn read(path: &Path) -> LockFile {
    let text = read_bounded(&DISK, path, MAX_BYTES).ok().flatten();
    let mut file = text.and_then(|text| LockFile::parse(&text).ok()).unwrap_or_default();
    let today = today();
    let (mut bases, mut fetches) = (file.bases().clone(), file.fetches().clone());
    bases.retain(|_, base| base.date == today);
    fetches.retain(|_, fetch| fetch.date == today);
    file.set_bases(bases);
    file.set_fetches(fetches);
    file
}

/// Where the system keeps caches of a user.
fn folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let home = |below: &str| named("HOME").map(|home| home.join(below));
    let own = if cfg!(windows) {
        named("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home("Library/Caches")
    } else {
        home(".cache")
    };
    named("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or(own)
}
