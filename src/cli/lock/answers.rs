//! What registries and web servers answer.

use std::collections::BTreeMap;

use crate::diag::Problem;
use crate::engine::{AskedBase, add_wanted, add_wanted_files, ask_base, ask_file, read_target, today};
use crate::lock::LockedFetch;
use crate::registry::{Access, Client};
use crate::workspace::{Files, Target};

use super::super::progress::Asked;
use super::ask::Wanted;

/// What was answered.
#[derive(Debug, Default)]
pub(in crate::cli) struct Answers {
    /// Images, by their keys in the lock file.
    pub(in crate::cli) images: BTreeMap<String, AskedBase>,
    /// Files, by their addresses.
    pub(in crate::cli) files: BTreeMap<String, LockedFetch>,
}

/// Asks for one after the other; what is not answered is a problem.
pub(in crate::cli) fn answers(
    client: &Client,
    wanted: &Wanted,
    download: u64,
    progress: &Asked,
    problems: &mut Vec<Problem>,
) -> Answers {
    let date = today();
    let mut found = Answers::default();
    for (key, image) in &wanted.images {
        match ask_base(client, image, download, &date) {
            Ok(base) => drop(found.images.insert(key.clone(), base)),
            Err(error) => problems.push(Problem { message: error.to_string(), ..Problem::default() }),
        }
        progress.next();
    }
    for address in wanted.files.keys() {
        match ask_file(client, address, &date) {
            Ok(file) => drop(found.files.insert(address.clone(), file)),
            Err(error) => problems.push(Problem { message: error.to_string(), ..Problem::default() }),
        }
        progress.next();
    }
    found
}

/// Adds what a build takes from others. Gives how many downloads there are that may not be asked for.
///
/// # Errors
/// In one sentence if the Dockerfile cannot be read.
pub(in crate::cli) fn add(
    wanted: &mut Wanted,
    files: &Files,
    target: &Target,
    access: &Access,
) -> Result<usize, String> {
    let name = target.name();
    let read = |target: &Target| read_target(files, target).map_err(|error| error.to_string());
    let analysis = read(target)?;
    add_wanted(&mut wanted.images, &analysis, &name);
    let analysis = read(&without_values(target.clone()))?;
    Ok(add_wanted_files(&mut wanted.files, &analysis, &name, access))
}

/// Says how many downloads are left out.
pub(in crate::cli) fn say_left(left: usize) {
    if left > 0 {
        let (what, are) = if left == 1 { ("download", "is") } else { ("downloads", "are") };
        eprintln!(
            "dlint: {left} {what} {are} left out: only https is asked, only public addresses, and none with a query"
        );
    }
}

/// The build with arguments of which no value is known: none of those goes into an address that is asked for or kept.
fn without_values(mut target: Target) -> Target {
    let names = std::mem::take(&mut target.build.args).into_keys();
    target.build.open_args.extend(names);
    target
}
