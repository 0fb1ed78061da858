//! What a Dockerfile makes dlint ask for is shown before it is asked.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::engine::{Places, WantedFiles, WantedImage, WantedImages};
use crate::report::sanitize;

/// What builds take from others.
#[derive(Debug, Default)]
pub(in crate::cli) struct Wanted {
    /// Images of registries.
    pub(in crate::cli) images: WantedImages,
    /// Files of web servers.
    pub(in crate::cli) files: WantedFiles,
}

impl Wanted {
    /// True if there is nothing to ask for.
    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.images.is_empty() && self.files.is_empty()
    }

    /// The same with what other builds take.
    pub(in crate::cli) fn extend(&mut self, other: Self) {
        for (key, image) in other.images {
            match self.images.get_mut(&key) {
                Some(known) => {
                    known.places.extend(image.places);
                    known.paths.extend(image.paths);
                }
                None => drop(self.images.insert(key, image)),
            }
        }
        for (address, places) in other.files {
            self.files.entry(address).or_default().extend(places);
        }
    }
}

/// Whether requests may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Consent {
    /// They may.
    Given,
    /// They were listed, and nothing else was wanted.
    Listed,
    /// They may not; nothing was asked.
    Refused,
}

/// How many places of an image or a file are named.
const MAX_PLACES: usize = 3;

/// Lists the requests, and asks whoever sits at the terminal; `Err` is a sentence for people where nobody does.
pub(in crate::cli) fn consent(
    wanted: &Wanted,
    (dry_run, yes, quiet): (bool, bool, bool),
) -> Result<Consent, String> {
    let mut out = io::stderr().lock();
    if !(quiet && yes) || dry_run {
        // A reader that is gone sees no list, and agrees to nothing.
        write!(out, "{}", list(wanted)).map_err(|error| error.to_string())?;
    }
    if dry_run {
        return Ok(Consent::Listed);
    }
    if yes {
        return Ok(Consent::Given);
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(
            "nothing was asked, since there is no terminal to agree at: add --yes to make these requests, or --dry-run to \
             only list them"
                .to_owned(),
        );
    }
    write!(out, "Ask for them? [y/N] ").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| error.to_string())?;
    Ok(match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Consent::Given,
        _ => Consent::Refused,
    })
}

/// The requests, by registry and by server.
fn list(Wanted { images, files }: &Wanted) -> String {
    let images = if images.is_empty() { String::new() } else { list_images(images) };
    let files = if files.is_empty() { String::new() } else { list_files(files) };
    images + &files
}

fn list_files(files: &WantedFiles) -> String {
    let mut out =
        String::from("These web servers are asked how long files are, and for a few bytes of them:\n");
    let mut last = None;
    for (address, places) in files {
        let (server, path) = address.split_at(server_end(address));
        if last.replace(server) != Some(server) {
            out.push_str(&format!("  {}\n", sanitize(server)));
        }
        out.push_str(&format!("    {}  {}\n", sanitize(path), sanitize(&named(places))));
    }
    out
}

/// Where the path of an address begins.
fn server_end(address: &str) -> usize {
    let host = address.find("://").map_or(0, |at| at + "://".len());
    address[host..].find('/').map_or(address.len(), |at| host + at)
}

fn named(places: &Places) -> String {
    let mut named: Vec<String> =
        places.iter().take(MAX_PLACES).map(|(file, line)| format!("{file}:{line}")).collect();
    if places.len() > MAX_PLACES {
        named.push(format!("{} more", places.len() - MAX_PLACES));
    }
    named.join(", ")
}

fn list_images(images: &WantedImages) -> String {
    let mut by_registry: BTreeMap<&str, Vec<&WantedImage>> = BTreeMap::new();
    for image in images.values() {
        by_registry.entry(&image.image.registry).or_default().push(image);
    }
    let mut out = String::from("These registries are asked:\n");
    for (registry, images) in by_registry {
        out.push_str(&format!("  {}\n", sanitize(registry)));
        for WantedImage { image, platform, places, .. } in images {
            let name = image.to_string();
            let short = name.strip_prefix(registry).unwrap_or(&name).trim_start_matches('/');
            let named = named(places);
            out.push_str(&format!("    {}  {}  {}\n", sanitize(short), sanitize(platform), sanitize(&named)));
        }
    }
    out
}
