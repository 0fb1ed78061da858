//! What commands download and unpack, by what web servers have told of their files.

use crate::lock::LockedFetch;
use crate::semantic::{Cmd, Destination, Unpacking, covers};
use crate::shell::{Connector, Word};

use super::downloads::Downloaded;
use super::runs::Run;
use super::{Component, Estimate, Provenance};

/// More files of one RUN are not followed.
const MAX_FILES: usize = 64;

/// What a file weighs.
pub(super) fn of_file(address: &str, fetch: &LockedFetch) -> Estimate {
    estimate(address, fetch, fetch.bytes, (fetch.bytes, fetch.bytes))
}

/// What an archive holds, if the server's bytes tell.
pub(super) fn of_archive(address: &str, fetch: &LockedFetch) -> Option<Estimate> {
    let unpacked = fetch.unpacked?;
    Some(estimate(address, fetch, unpacked.bytes, unpacked.range))
}

fn estimate(address: &str, fetch: &LockedFetch, bytes: u64, range: (u64, u64)) -> Estimate {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    let source = format!("locked {}, {host}", fetch.date);
    Estimate { bytes, range, provenance: Provenance::Fetched, source }
}

/// The last part of an address: what a download is called that nobody names.
fn name_of(address: &str) -> &str {
    address.trim_end_matches('/').rsplit('/').next().unwrap_or(address)
}

impl<'r, 'm> Run<'r, 'm> {
    /// True for a command whose download, or what it unpacks of one, is known; counts it.
    pub(super) fn fetched(&mut self, cmd: &Cmd<'m>) -> bool {
        if self.fetches.is_empty() {
            return false;
        }
        let piped = self.downloads.piped.take();
        let is_once = !cmd.shell().place.within.repeated && !cmd.shell().place.within.function;
        is_once
            && match cmd.program() {
                "curl" | "wget" => self.downloaded(cmd),
                "rm" | "unlink" => {
                    self.removes(cmd);
                    false
                }
                "mv" => {
                    self.moves(cmd);
                    false
                }
                "gunzip" | "gzip" | "zcat" | "xz" | "unxz" | "xzcat" | "zstd" | "bunzip2" | "bzip2"
                    if piped.is_some() && cmd.plain_words().next().is_none() =>
                {
                    self.downloads.piped = piped;
                    true
                }
                _ => match cmd.unpacking() {
                    Some(unpacking) => self.unpacked(cmd, unpacking, piped),
                    None => false,
                },
            }
    }

    fn downloaded(&mut self, cmd: &Cmd<'m>) -> bool {
        let Some(download) = cmd.download() else { return false };
        if download.has_unknown_options() || download.sends() || self.downloads.files.len() >= MAX_FILES {
            return false;
        }
        let fetches = self.fetches;
        let fetch = |word: &&'m Word| {
            let address = cmd.text_of(word)?;
            let fetch = fetches.get(&address)?;
            Some((address, fetch))
        };
        let Some(found) = download.urls.iter().map(fetch).collect::<Option<Vec<_>>>() else { return false };
        let arguments = &download.arguments;
        // Without it, curl takes the page that redirects.
        let follows = !download.is_curl() || arguments.has(&["-L", "--location", "--location-trusted"]);
        let folder = arguments.option(&["--output-dir", "-P", "--directory-prefix"]).and_then(|o| o.value);
        for (address, fetch) in found {
            let path = match download.destination {
                Destination::Nowhere => continue,
                Destination::Output => {
                    let is_piped =
                        cmd.shell().place.after.is_some_and(|after| after.connector == Connector::Pipe);
                    if !is_piped || download.urls.len() > 1 {
                        return is_piped;
                    }
                    self.downloads.piped = Some((address, fetch));
                    return true;
                }
                Destination::File(file) => file.resolve(cmd).map(|path| path.into_owned()),
                Destination::Named => Some(name_of(&address).to_owned()),
            };
            let Some(path) = path else { return false };
            let path = match folder.map(|folder| folder.resolve(cmd)) {
                Some(Some(folder)) if !path.starts_with('/') => {
                    format!("{}/{path}", folder.trim_end_matches('/'))
                }
                Some(None) => return false,
                _ => path,
            };
            let mut estimate = of_file(&address, fetch);
            if !follows {
                estimate.range.0 = 0;
            }
            let what = format!("`{}`, downloaded", name_of(&address));
            let path = match cmd.absolute(&path) {
                Some(path) => {
                    self.files.make(&path, fetch.bytes);
                    path
                }
                None => path,
            };
            let component = self.components.len();
            self.components.push(Component::known(what, cmd.head_span(), estimate));
            self.downloads.files.push(Downloaded { path, address, fetch, component });
        }
        true
    }

    fn unpacked(
        &mut self,
        cmd: &Cmd<'m>,
        unpacking: Unpacking<'m>,
        piped: Option<(String, &'r LockedFetch)>,
    ) -> bool {
        let text = |(word, skipped): (&Word, usize)| cmd.text_of(word)?.get(skipped..).map(str::to_owned);
        let found = match unpacking.archive {
            None => piped.and_then(|(address, fetch)| Some((of_archive(&address, fetch)?, address))),
            Some(archive) => {
                let Some(path) = text(archive) else { return false };
                let path = cmd.absolute(&path).unwrap_or(path);
                let file = self.downloads.files.iter().find(|file| file.path == path);
                file.and_then(|file| Some((of_archive(&file.address, file.fetch)?, file.address.clone())))
            }
        };
        let Some((mut estimate, address)) = found else { return false };
        if unpacking.is_partial {
            estimate.range.0 = 0;
        }
        let folder = match unpacking.folder {
            Some(folder) => text(folder).and_then(|folder| cmd.absolute(&folder)),
            None => cmd.absolute("."),
        };
        folder.iter().for_each(|folder| self.files.pour(folder));
        self.downloads.unpacked.push((folder, self.components.len()));
        let what = format!("`{}`, unpacked", name_of(&address));
        self.components.push(Component::known(what, cmd.head_span(), estimate));
        true
    }

    /// Takes away what goes in the same RUN.
    fn removes(&mut self, cmd: &Cmd<'m>) {
        let words = || cmd.args().iter().filter(|word| !word.static_prefix().starts_with('-'));
        let mut gone: Vec<usize> = Vec::new();
        let mut unsure: Vec<usize> = Vec::new();
        for word in words() {
            let text = cmd.text_of(word);
            let paths = match cmd.paths_of(word) {
                paths if paths.is_empty() => text.into_iter().collect(),
                paths => paths,
            };
            let mut is_found = false;
            for file in &self.downloads.files {
                if paths
                    .iter()
                    .any(|path| *path == file.path || path.starts_with('/') && covers(path, &file.path))
                {
                    gone.push(file.component);
                    is_found = true;
                }
            }
            let is_known = |path: &str| path.starts_with('/');
            if !is_found && (paths.is_empty() || !paths.iter().all(|path| is_known(path))) {
                // It may be any of those whose folders are not known, and of all if nothing is known of it.
                let any = paths.is_empty();
                let files = self.downloads.files.iter().filter(|file| any || !is_known(&file.path));
                unsure.extend(files.map(|file| file.component));
            }
            for (folder, component) in &self.downloads.unpacked {
                match folder {
                    Some(folder) if paths.iter().any(|path| is_known(path) && covers(path, folder)) => {
                        gone.push(*component)
                    }
                    Some(folder)
                        if !paths.is_empty()
                            && paths.iter().all(|path| is_known(path) && !covers(folder, path)) => {}
                    _ if is_found => {}
                    _ => unsure.push(*component),
                }
            }
        }
        for component in unsure {
            if let Some(estimate) = self.components.get_mut(component).and_then(|c| c.estimate.as_mut()) {
                estimate.range.0 = 0;
            }
        }
        self.downloads.gone.extend(gone);
    }

    /// Follows files to where they are moved.
    fn moves(&mut self, cmd: &Cmd<'m>) {
        let words: Vec<&Word> = cmd.plain_words().collect();
        let Some((to, from)) = words.split_last() else { return };
        let path = |word: &Word| cmd.text_of(word).map(|text| cmd.absolute(&text).unwrap_or(text));
        let to = path(to);
        let from: Vec<String> = from.iter().filter_map(|word| path(word)).collect();
        for file in self.downloads.files.iter_mut().filter(|file| from.contains(&file.path)) {
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            file.path = match &to {
                Some(to) if to.ends_with('/') || self.files.is_folder(to) => {
                    format!("{}/{name}", to.trim_end_matches('/'))
                }
                Some(to) => to.clone(),
                None => name.to_owned(),
            };
        }
        // A part of it is elsewhere then.
        let left = |folder: &Option<String>| {
            folder.as_ref().is_some_and(|f| from.iter().any(|path| covers(f, path)))
        };
        self.downloads
            .unpacked
            .iter_mut()
            .filter(|(folder, _)| left(folder))
            .for_each(|(folder, _)| *folder = None);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Plan, plan};
    use super::*;
    use crate::lock::Unpacked;
    use crate::semantic::{Analysis, Model};
    use crate::size::BaseImages;
    use crate::syntax::parse;
    use crate::text::Source;

    /// What a RUN adds, where `https://x.org/a.tgz` is of 100 bytes and unpacks to 300 to 400, and `https://x.org/tool` is of
    /// 70: likely bytes, the least, the most, and how many parts are unknown.
    fn added(run: &str) -> (u64, u64, u64, usize) {
        let fetch = |bytes, unpacked| LockedFetch { bytes, unpacked, date: "2026-11-30".to_owned() };
        let unpacked = Unpacked { bytes: 350, range: (300, 400) };
        let fetched = [
            ("https://x.org/a.tgz".to_owned(), fetch(100, Some(unpacked))),
            ("https://x.org/tool".to_owned(), fetch(70, None)),
        ];
        let images = BaseImages { fetched: std::sync::Arc::new(fetched.into()), ..BaseImages::default() };
        let text = format!("FROM scratch\nWORKDIR /w\nRUN {run}\n");
        let model = Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text))));
        let Plan { stages } = plan(&model, &images, "amd64");
        let sum = stages[0].rows[1].sum();
        (sum.bytes, sum.range.0, sum.range.1, sum.unknown)
    }

    #[test]
    fn a_download_counts_if_it_stays() {
        for (run, want) in [
            ("curl -fsSLo /bin/tool https://x.org/tool && chmod +x /bin/tool", (70, 70, 70, 0)),
            ("curl -LO https://x.org/tool", (70, 70, 70, 0)),
            ("V=tool; wget -q https://x.org/$V -P /opt", (70, 70, 70, 0)),
            // It may be the page that redirects.
            ("curl -o /bin/tool https://x.org/tool", (70, 0, 70, 0)),
            ("curl -Lo /tmp/tool https://x.org/tool && mv /tmp/tool /bin/ && rm -rf /tmp/*", (70, 70, 70, 0)),
            (
                "curl -Lo /tmp/tool https://x.org/tool && cp /tmp/tool /bin/tool && rm /tmp/tool",
                (70, 70, 70, 0),
            ),
            ("curl -Lo tool https://x.org/tool && ./tool && rm tool", (0, 0, 0, 1)),
            ("cd /tmp && curl -LO https://x.org/tool && rm tool", (0, 0, 0, 0)),
            ("cd /tmp && curl -LO https://x.org/tool && rm -rf $OTHER", (70, 0, 70, 0)),
            ("curl -sL https://x.org/tool > /dev/null", (0, 0, 0, 0)),
            // Nobody knows of these.
            ("curl -LO https://x.org/other", (0, 0, 0, 1)),
            ("curl -LO https://x.org/tool https://x.org/other", (0, 0, 0, 1)),
            ("for i in 1 2; do curl -LO https://x.org/tool; done", (0, 0, 0, 1)),
        ] {
            assert_eq!(added(run), want, "{run}");
        }
    }

    #[test]
    fn what_is_unpacked_counts() {
        for (run, want) in [
            ("curl -sL https://x.org/a.tgz | tar xz", (350, 300, 400, 0)),
            ("curl -sL https://x.org/a.tgz | gunzip | tar x -C /opt", (350, 300, 400, 0)),
            ("wget -qO- https://x.org/a.tgz | tar xz --strip-components=1", (350, 300, 400, 0)),
            ("curl -sL https://x.org/a.tgz | tar xz bin/a", (350, 0, 400, 0)),
            ("curl -LO https://x.org/a.tgz && tar xf a.tgz && rm a.tgz", (350, 300, 400, 0)),
            ("curl -LO https://x.org/a.tgz && tar xf a.tgz", (450, 400, 500, 0)),
            (
                "cd /tmp && curl -LO https://x.org/a.tgz && tar xzf a.tgz && rm -f a.tgz && mv a-1 /opt",
                (350, 300, 400, 0),
            ),
            ("curl -Lo /t/a.tgz https://x.org/a.tgz && tar xf /t/a.tgz -C /t && rm -rf /t", (0, 0, 0, 0)),
            ("curl -sL https://x.org/a.tgz | tar xz -C /opt && rm -r /opt/a/doc", (350, 0, 400, 0)),
            ("curl -sL https://x.org/a.tgz | tar xz -C /opt && rm -r /var/tmp/x", (350, 300, 400, 0)),
            ("curl -sL https://x.org/tool | tar xz", (0, 0, 0, 1)),
            ("curl -sL https://x.org/a.tgz | sh", (0, 0, 0, 1)),
            ("tar xf a.tgz", (0, 0, 0, 1)),
        ] {
            assert_eq!(added(run), want, "{run}");
        }
    }
}
