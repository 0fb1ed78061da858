//! `dlint lock` without an image: what registries have of the base images of a project, and web servers of the files that
//! it downloads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::diag::{Problem, format_bytes};
use crate::engine::{self, AskedBase};
use crate::entries::Entries;
use crate::lock::LockFile;
use crate::registry::{Access, Client, How};
use crate::report::sanitize;
use crate::semantic::Build;
use crate::tree::DISK;
use crate::workspace::{LockPlace, Overrides, Target, Workspace};

use super::super::Exit;
use super::super::args::LockArgs;
use super::super::output;
use super::super::progress::{self, Asked};
use super::{Answers, Consent, Wanted, add, answers, consent, say_left, write};

/// Asks, and writes the lock files.
pub(super) fn run(args: &LockArgs) -> io::Result<Exit> {
    match ask(args) {
        Err(message) => Ok(output::failed(&message)),
        Ok(problems) => output::problems(args.color, &problems),
    }
}

fn problem(message: String) -> Problem {
    Problem { message, ..Problem::default() }
}

/// A lock file, and what belongs into it.
struct Needs {
    place: LockPlace,
    before: Option<LockFile>,
    images: BTreeSet<String>,
    files: BTreeSet<String>,
    /// True if these are all that builds below its folder take, so that others are of no use any more.
    is_all: bool,
}

fn ask(args: &LockArgs) -> Result<Vec<Problem>, String> {
    let mut problems = Vec::new();
    let access = args.registries.access([]);
    let (wanted, needs) = needs(args, &access, &mut problems)?;
    if wanted.is_empty() {
        problems.push(problem("there is no base image to ask for".to_owned()));
        return Ok(problems);
    }
    match consent(&wanted, (args.dry_run, args.yes, args.quiet))? {
        Consent::Given => {}
        Consent::Listed => return Ok(problems),
        Consent::Refused => return Err("nothing was asked".to_owned()),
    }
    let client = Client::new(access);
    let progress = Asked::of(wanted.images.len() + wanted.files.len());
    let found = progress::shown(args.quiet, &progress, || {
        answers(&client, &wanted, args.download, &progress, &mut problems)
    });
    let mut dropped = 0;
    for need in &needs {
        dropped += keep(need, &found)?;
    }
    if !args.quiet {
        let names: Vec<String> = needs.iter().map(|need| need.place.path.display().to_string()).collect();
        print(&names, &found, dropped).map_err(|error| error.to_string())?;
    }
    Ok(problems)
}

/// What all builds below a path take, on each of their platforms, and the lock files that it belongs into.
fn needs(
    args: &LockArgs,
    access: &Access,
    problems: &mut Vec<Problem>,
) -> Result<(Wanted, Vec<Needs>), String> {
    let at = args.path.clone().unwrap_or_else(|| PathBuf::from("."));
    let overrides = Overrides { config: args.config.choice(), ..Overrides::default() };
    let mut workspace = Workspace::new(overrides, problems);
    let mut found = engine::discover(std::slice::from_ref(&at));
    workspace.load_settings(found.paths(), problems);
    let snapshot = workspace.snapshot();
    found.inputs.retain(|input| !snapshot.settings().excludes(&input.path));
    let entries = match args.target.entries.no_entries {
        true => Entries::default(),
        false => found.entries(&snapshot, std::slice::from_ref(&at), None, args.target.entries.environment()),
    };
    problems.append(&mut found.problems);
    let build = args.target.build.build()?;
    let mut targets: Vec<Target> = entries.iter().filter_map(|(_, _, target)| target.cloned()).collect();
    for path in found.dockerfiles() {
        if entries.builds_of(path).is_empty() {
            targets.push(snapshot.target_of(path, &Build { all_args: true, ..build.clone() }));
        }
    }
    if targets.is_empty() {
        problems.append(&mut found.empty);
    }
    let mut wanted = Wanted::default();
    let mut needs: BTreeMap<PathBuf, Needs> = BTreeMap::new();
    let mut left = 0;
    // A Dockerfile that cannot be read may need anything, and so may a build that was not asked about.
    let mut is_all = problems.is_empty() && build == Build::default() && !args.target.entries.no_entries;
    for target in targets {
        let Some(place) = target.file().and_then(|path| LockPlace::of(&DISK, path)) else { continue };
        let mut own = Wanted::default();
        let builds = match &build.platform {
            Some(platform) => vec![target.on_one_platform(Some(platform.clone()))],
            None => target.by_platform(),
        };
        for target in builds {
            match add(&mut own, snapshot.files(), &target, access) {
                Ok(more) => left += more,
                Err(error) => {
                    is_all = false;
                    problems.push(problem(error));
                }
            }
        }
        let is_new = !needs.contains_key(&place.path);
        if is_new {
            let before = read(&place)?;
            let (images, files) = Default::default();
            let need =
                Needs { before, images, files, is_all: covers(&at, &place.path), place: place.clone() };
            needs.insert(place.path.clone(), need);
        }
        if let Some(need) = needs.get_mut(&place.path) {
            need.images.extend(own.images.keys().cloned());
            need.files.extend(own.files.keys().cloned());
        }
        wanted.extend(own);
    }
    if !args.quiet {
        say_left(left);
    }
    let needs = needs.into_values().map(|need| Needs { is_all: need.is_all && is_all, ..need });
    Ok((wanted, needs.collect()))
}

/// True if all that a lock file is for is below a path.
fn covers(at: &Path, lock: &Path) -> bool {
    let folder = lock.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (at.canonicalize(), folder.canonicalize()) {
        (Ok(at), Ok(folder)) => folder.starts_with(&at),
        _ => false,
    }
}

fn read(place: &LockPlace) -> Result<Option<LockFile>, String> {
    place.read(&DISK).map_err(|error| format!("{}: {error}", sanitize(&place.path.display().to_string())))
}

/// Puts what was found into a lock file. What was not asked for now, or not answered, stays, unless no build takes it any
/// more. Gives how many entries were dropped.
fn keep(need: &Needs, found: &Answers) -> Result<usize, String> {
    let mut file = need.before.clone().unwrap_or_default();
    let (mut bases, mut fetches) = (file.bases().clone(), file.fetches().clone());
    let before = bases.len() + fetches.len();
    if need.is_all {
        bases.retain(|key, _| need.images.contains(key));
        fetches.retain(|address, _| need.files.contains(address));
    }
    let dropped = before - bases.len() - fetches.len();
    // What is the same keeps its day, so that the file changes only where something has.
    for key in &need.images {
        let Some(AskedBase { base, .. }) = found.images.get(key) else { continue };
        let same = bases.get(key).filter(|old| {
            (&old.digest, &old.tag, old.bytes, old.range, &old.paths, &old.facts)
                == (&base.digest, &base.tag, base.bytes, base.range, &base.paths, &base.facts)
        });
        let base = same.cloned().unwrap_or_else(|| base.clone());
        bases.insert(key.clone(), base);
    }
    for address in &need.files {
        let Some(fetch) = found.files.get(address) else { continue };
        let same = fetches.get(address);
        let same = same.filter(|old| (old.bytes, old.unpacked) == (fetch.bytes, fetch.unpacked));
        let fetch = same.cloned().unwrap_or_else(|| fetch.clone());
        fetches.insert(address.clone(), fetch);
    }
    file.set_bases(bases);
    file.set_fetches(fetches);
    if file != LockFile::default() || need.before.is_some() {
        write(&need.place, need.before.as_ref(), &file)?;
    }
    Ok(dropped)
}

fn print(locks: &[String], found: &Answers, dropped: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let locks = locks.join(", ");
    let count =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut what = count(found.images.len(), "base image", "base images");
    if !found.files.is_empty() {
        what.push_str(&format!(", {}", count(found.files.len(), "file", "files")));
    }
    if dropped > 0 {
        let dropped = count(
            dropped,
            "entry that no build needs any more is",
            "entries that no build needs any more are",
        );
        what.push_str(&format!("; {dropped} dropped"));
    }
    writeln!(out, "{}: {what}", sanitize(&locks))?;
    for (key, AskedBase { base, how }) in &found.images {
        let bytes = format_bytes(base.bytes);
        let how = match how {
            How::Counted => "all layers counted".to_owned(),
            How::Listed => "by the layers' own lists".to_owned(),
            How::Archive | How::Stored => {
                let (least, most) = base.range;
                let of = if *how == How::Archive { "by the layers' trailers" } else { "by compressed size" };
                format!("{} to {}, {of}", format_bytes(least), format_bytes(most))
            }
        };
        writeln!(out, "  {bytes:>10}  {}  {how}", sanitize(key))?;
    }
    for (address, fetch) in &found.files {
        let unpacked = fetch.unpacked.map_or_else(String::new, |unpacked| {
            let (least, most) = unpacked.range;
            match least == most {
                true => format!("  unpacks to {}", format_bytes(unpacked.bytes)),
                false => format!("  unpacks to {} to {}", format_bytes(least), format_bytes(most)),
            }
        });
        writeln!(out, "  {:>10}  {}{unpacked}", format_bytes(fetch.bytes), sanitize(address))?;
    }
    out.flush()
}
