//! `dlint lock` without an image: what registries have of the base images of a project.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;

use crate::diag::{Problem, format_bytes};
use crate::engine::{
    self, AskedBase, LockPlace, WantedImage, WantedImages, add_wanted, ask_base, read_target, today,
};
use crate::entries::Entries;
use crate::lock::LockFile;
use crate::registry::{Client, How};
use crate::report::sanitize;
use crate::semantic::Build;
use crate::tree::DISK;
use crate::workspace::{Overrides, Target, Workspace};

use super::super::Exit;
use super::super::args::LockArgs;
use super::super::output;
use super::super::progress::{self, Asked};
use super::{Consent, consent, write};

/// Asks, and writes the lock files.
pub(super) fn run(args: &LockArgs) -> io::Result<Exit> {
    match ask(args) {
        Err(message) => Ok(output::failed(&message)),
        Ok(problems) => output::problems(args.color, &problems),
    }
}

/// A lock file, and the images that belong into it.
struct Needs {
    place: LockPlace,
    before: Option<LockFile>,
    keys: Vec<String>,
}

fn ask(args: &LockArgs) -> Result<Vec<Problem>, String> {
    let mut problems = Vec::new();
    let (wanted, needs) = needs(args, &mut problems)?;
    if wanted.is_empty() {
        problems.push(problem("there is no base image to ask for".to_owned()));
        return Ok(problems);
    }
    match consent(&wanted, (args.dry_run, args.yes, args.quiet))? {
        Consent::Given => {}
        Consent::Listed => return Ok(problems),
        Consent::Refused => return Err("nothing was asked".to_owned()),
    }
    let client = Client::new(args.registries.access([]));
    let progress = Asked::of(wanted.len());
    let date = today();
    let asked = progress::shown(args.quiet, &progress, || {
        let one = |(key, wanted): (&String, &WantedImage)| {
            let answer = ask_base(&client, wanted, args.download, &date);
            progress.next();
            (key.clone(), answer)
        };
        wanted.iter().map(one).collect::<Vec<_>>()
    });
    let mut found: BTreeMap<String, AskedBase> = BTreeMap::new();
    for (key, answer) in asked {
        match answer {
            Ok(base) => drop(found.insert(key, base)),
            Err(error) => problems.push(problem(error.to_string())),
        }
    }
    for need in &needs {
        keep(need, &found)?;
    }
    if !args.quiet {
        let names: Vec<String> = needs.iter().map(|need| need.place.path.display().to_string()).collect();
        print(&names, &found).map_err(|error| error.to_string())?;
    }
    Ok(problems)
}

fn problem(message: String) -> Problem {
    Problem { message, ..Problem::default() }
}

/// The images of all builds below a path, on each of their platforms, and the lock files that they belong into.
fn needs(args: &LockArgs, problems: &mut Vec<Problem>) -> Result<(WantedImages, Vec<Needs>), String> {
    let at = args.path.clone().unwrap_or_else(|| PathBuf::from("."));
    let overrides = Overrides { config: args.config.choice(), ..Overrides::default() };
    let mut workspace = Workspace::new(overrides, problems);
    let mut found = engine::discover(std::slice::from_ref(&at));
    workspace.load_settings(found.paths(), problems);
    let snapshot = workspace.snapshot();
    found.inputs.retain(|input| !snapshot.settings().excludes(&input.path));
    let entries = match args.target.entries.no_entries {
        true => Entries::default(),
        false => found.entries(&snapshot, &[at], None, args.target.entries.environment()),
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
    let mut wanted = WantedImages::new();
    let mut needs: BTreeMap<PathBuf, Needs> = BTreeMap::new();
    for target in targets {
        let Some(place) = target.file().and_then(|path| LockPlace::of(&DISK, path)) else { continue };
        let mut own = WantedImages::new();
        let builds = match &build.platform {
            Some(platform) => vec![target.on_one_platform(Some(platform.clone()))],
            None => target.by_platform(),
        };
        for target in builds {
            match read_target(snapshot.files(), &target) {
                Ok(model) => add_wanted(&mut own, &model, &target.name()),
                Err(error) => problems.push(problem(error.to_string())),
            }
        }
        let keys: Vec<String> = own.keys().cloned().collect();
        for (key, image) in own {
            let entry = wanted.entry(key).or_insert_with(|| WantedImage {
                places: std::collections::BTreeSet::new(),
                ..image.clone()
            });
            entry.places.extend(image.places);
        }
        match needs.get_mut(&place.path) {
            Some(known) => known.keys.extend(keys),
            None => {
                let before = read(&place)?;
                needs.insert(place.path.clone(), Needs { place, before, keys });
            }
        }
    }
    Ok((wanted, needs.into_values().collect()))
}

fn read(place: &LockPlace) -> Result<Option<LockFile>, String> {
    place.read(&DISK).map_err(|error| format!("{}: {error}", sanitize(&place.path.display().to_string())))
}

/// Puts what was found into a lock file. What was not asked for now, or not answered, stays.
fn keep(need: &Needs, found: &BTreeMap<String, AskedBase>) -> Result<(), String> {
    let mut file = need.before.clone().unwrap_or_default();
    let mut bases = file.bases().clone();
    for key in &need.keys {
        let Some(AskedBase { base, .. }) = found.get(key) else { continue };
        // What is the same keeps its day, so that the file changes only where something has.
        let same = bases.get(key).filter(|old| {
            (&old.digest, old.bytes, old.range, &old.facts)
                == (&base.digest, base.bytes, base.range, &base.facts)
        });
        let base = same.cloned().unwrap_or_else(|| base.clone());
        bases.insert(key.clone(), base);
    }
    file.set_bases(bases);
    if file == LockFile::default() {
        return Ok(());
    }
    write(&need.place, need.before.as_ref(), &file)
}

fn print(locks: &[String], found: &BTreeMap<String, AskedBase>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let locks = locks.join(", ");
    writeln!(out, "{}: {} base images", sanitize(&locks), found.len())?;
    for (key, AskedBase { base, how }) in found {
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
    out.flush()
}
