//! Files of web servers for `dlint.lock`: which ones a project downloads, and what the servers say of them.

use std::collections::BTreeMap;

use crate::lock::{LockedFetch, Unpacked};
use crate::registry::{Access, Client, RegistryError, WebFile};
use crate::semantic::{Destination, Model, ScriptKind, SourceKind};

use super::lock_bases::Places;

/// Addresses of files that builds download, with where they are named.
pub type WantedFiles = BTreeMap<String, Places>;

/// No more files of one Dockerfile are asked for.
const MAX_FILES: usize = 200;

/// Adds the files that a build downloads by ADD, curl and wget, as far as they may be asked for. Gives how many others
/// there are.
pub fn add_wanted_files(wanted: &mut WantedFiles, model: &Model, dockerfile: &str, access: &Access) -> usize {
    let mut left = 0;
    let mut found: Vec<(String, usize)> = Vec::new();
    let is_run =
        |step: usize| model.stage_of(step).is_some_and(|stage| stage.reachable) && !model.is_trigger(step);
    for copy in model.copies.iter().filter(|copy| is_run(copy.step)) {
        let urls = copy.sources.iter().filter(|source| source.kind == SourceKind::Url);
        found.extend(urls.filter_map(|source| Some((source.value.known()?.to_owned(), copy.step))));
    }
    for download in model.downloads() {
        let cmd = download.cmd;
        if cmd.script().kind != ScriptKind::Run
            || !is_run(cmd.step())
            || download.sends()
            || matches!(download.destination, Destination::Nowhere)
        {
            continue;
        }
        let addresses = download.urls.iter().filter_map(|word| cmd.text_of(word));
        let addresses = addresses.filter(|text| text.contains("://") && !text.contains(['*', '{', '[']));
        found.extend(addresses.map(|address| (address, cmd.step())));
    }
    for (address, step) in found.into_iter().take(MAX_FILES) {
        if access.may_ask(&address) {
            let line = model.instruction(step).lines.0;
            wanted.entry(address).or_default().insert((dockerfile.to_owned(), line));
        } else {
            left += 1;
        }
    }
    left
}

/// Asks the web server of a file.
///
/// # Errors
/// If the server does not tell.
pub fn ask_file(client: &Client, address: &str, date: &str) -> Result<LockedFetch, RegistryError> {
    let WebFile { bytes, unpacked } = client.file(address)?;
    let unpacked = unpacked.map(|told| Unpacked { bytes: told.bytes, range: told.range });
    Ok(LockedFetch { bytes, unpacked, date: date.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn files_that_a_build_downloads_are_wanted() {
        let text = "FROM debian:12 AS none\nRUN curl -O https://example.com/none\n\
            FROM debian:12\nARG V=1.2\nADD https://example.com/a-$V.tgz /\n\
            RUN B=b && curl -fsSL https://example.com/$B.tgz | tar xz && wget http://example.com/plain \\\n  \
            https://example.com/?key=1\n\
            RUN curl -d x https://example.com/sent; curl -sI https://example.com/head\n\
            RUN curl -O https://example.com/$(uname -m) && curl https://example.com/{c,d}\n\
            ONBUILD ADD https://example.com/later /\nCMD curl https://example.com/cmd\n";
        let model = Model::new(parse(Source::from_text("Dockerfile", text)));
        let mut wanted = WantedFiles::new();
        let left = add_wanted_files(&mut wanted, &model, "Dockerfile", &Access::default());
        let shown: Vec<String> = wanted
            .iter()
            .map(|(address, places)| {
                format!("{address} {:?}", places.iter().map(|(_, line)| *line).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(shown, ["https://example.com/a-1.2.tgz [5]", "https://example.com/b.tgz [6]"]);
        assert_eq!(left, 2);
    }
}
