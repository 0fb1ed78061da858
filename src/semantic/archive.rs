//! Archives, and the commands that unpack them.

use super::Cmd;
use crate::knowledge::TAR_ENDINGS;
use crate::shell::Word;

/// True for a name that a tar archive has.
#[must_use]
pub fn is_tar(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    TAR_ENDINGS.iter().any(|end| lower.len() > end.len() && lower.ends_with(end))
}

/// What a command unpacks, and where to, as its words say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacking<'m> {
    /// The word that names the archive, from this byte on; `None` if it comes from standard input.
    pub archive: Option<(&'m Word, usize)>,
    /// The word that names the folder, from this byte on; `None` if it is the one that the command runs in.
    pub folder: Option<(&'m Word, usize)>,
    /// True if words say that it is only a part of the archive, or may be.
    pub is_partial: bool,
}

/// Letters of options of tar that have a value.
const WITH_VALUE: [char; 7] = ['f', 'C', 'T', 'X', 'b', 'I', 'K'];

impl<'m> Cmd<'m> {
    /// The archive that an `unzip` unpacks, as its words say it.
    #[must_use]
    pub fn unzipped_archive(&self) -> Option<&'m str> {
        let (word, _) = self.unzipped()?.archive?;
        word.as_str()
    }

    /// The archive that a `tar` unpacks, as its words say it.
    #[must_use]
    pub fn unpacked_archive(&self) -> Option<&'m str> {
        let (word, skipped) = self.untarred()?.archive?;
        word.as_str()?.get(skipped..)
    }

    /// What a `tar` or an `unzip` unpacks.
    #[must_use]
    pub fn unpacking(&self) -> Option<Unpacking<'m>> {
        self.unzipped().or_else(|| self.untarred())
    }

    fn untarred(&self) -> Option<Unpacking<'m>> {
        if !matches!(self.program(), "tar" | "bsdtar" | "gtar") {
            return None;
        }
        let args = self.args();
        let mut extracts = false;
        let mut unpacking = Unpacking { archive: None, folder: None, is_partial: false };
        let mut at = 0;
        while let Some(word) = args.get(at) {
            let text = word.static_prefix();
            at += 1;
            if let Some(long) = text.strip_prefix("--") {
                extracts |= matches!(long, "extract" | "get");
                let (name, value) = match long.split_once('=') {
                    Some((name, _)) => (name, Some((word, "--=".len() + name.len()))),
                    None => (long, args.get(at).map(|value| (value, 0))),
                };
                let takes_next = matches!(long, "file" | "directory");
                at += usize::from(takes_next);
                match name {
                    "file" => unpacking.archive = value,
                    "directory" => unpacking.folder = value,
                    "exclude" | "wildcards" | "files-from" | "exclude-from" => unpacking.is_partial = true,
                    _ => {}
                }
            } else if let Some(letters) = text.strip_prefix('-').or((at == 1).then_some(text)) {
                // A bundle of letters, with or without its dash: `-xzf`, `xzf`.
                for (i, letter) in letters.char_indices() {
                    extracts |= letter == 'x';
                    if !WITH_VALUE.contains(&letter) {
                        continue;
                    }
                    let bundled = text.starts_with('-') && i + 1 < letters.len();
                    let value = match bundled {
                        true => Some((word, i + 2)),
                        false => args.get(at).map(|value| (value, 0)),
                    };
                    at += usize::from(!bundled);
                    match letter {
                        'f' => unpacking.archive = value,
                        'C' => unpacking.folder = value,
                        'T' | 'X' => unpacking.is_partial = true,
                        _ => {}
                    }
                    if bundled {
                        break;
                    }
                }
            } else {
                unpacking.is_partial = true;
            }
        }
        unpacking.archive =
            unpacking.archive.filter(|(word, skipped)| word.as_str().is_none_or(|t| &t[*skipped..] != "-"));
        extracts.then_some(unpacking)
    }

    fn unzipped(&self) -> Option<Unpacking<'m>> {
        if self.program() != "unzip" {
            return None;
        }
        let args = self.args();
        let (mut archive, mut folder, mut is_partial) = (None, None, false);
        let mut at = 0;
        while let Some(word) = args.get(at) {
            at += 1;
            match word.static_prefix() {
                "-d" => {
                    folder = args.get(at).map(|value| (value, 0));
                    at += 1;
                }
                "-x" => is_partial = true,
                // Lists, tests, or prints.
                option if option.starts_with('-') && option.contains(['c', 'l', 'p', 't', 'v', 'z', 'Z']) => {
                    return None;
                }
                option if option.starts_with('-') => {}
                _ if archive.is_none() => archive = Some((word, 0)),
                _ => is_partial = true,
            }
        }
        Some(Unpacking { archive: Some(archive?), folder, is_partial })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use super::is_tar;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn archives_are_found_among_the_words_of_tar() {
        for (command, want) in [
            ("tar xzf a.tgz", Some("a.tgz")),
            ("tar -xzf a.tgz -C /opt", Some("a.tgz")),
            ("tar -C /opt -xf a.tar b", Some("a.tar")),
            ("tar xCf /opt a.tar", Some("a.tar")),
            ("tar -xfa.tar", Some("a.tar")),
            ("tar --extract --file a.tar", Some("a.tar")),
            ("tar --directory /opt --extract --file=a.tar", Some("a.tar")),
            ("tar -x -v -f /tmp/a.tar --strip-components=1", Some("/tmp/a.tar")),
            ("tar tf a.tar", None),
            ("tar cf a.tar x", None),
            ("tar xf $A", None),
            ("tar xz", None),
            ("unzip a.tar", None),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("FROM debian:12\nRUN {command}\n")));
            let model = Model::new(file.clone());
            assert_eq!(model.commands().next().and_then(|c| c.unpacked_archive()), want, "{command}");
        }
    }

    #[test]
    fn what_is_unpacked_and_where_to() {
        for (command, want) in [
            ("tar -xzf a.tgz -C /opt --strip-components=1", Some(("a.tgz", "/opt", false))),
            ("tar -xz -C/opt", Some(("-", "/opt", false))),
            ("tar --directory=/opt -xf -", Some(("-", "/opt", false))),
            ("tar xf a.tar b/c", Some(("a.tar", ".", true))),
            ("tar xf a.tar --exclude=doc", Some(("a.tar", ".", true))),
            ("tar cf a.tar .", None),
            ("unzip -q a.zip -d /opt", Some(("a.zip", "/opt", false))),
            ("unzip -qo a.zip bin/x", Some(("a.zip", ".", true))),
            ("unzip -l a.zip", None),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("FROM debian:12\nRUN {command}\n")));
            let model = Model::new(file.clone());
            let found = model.commands().next().and_then(|c| c.unpacking());
            let of = |place: Option<(&crate::shell::Word, usize)>, none: &str| {
                place.map_or(none.to_owned(), |(w, skipped)| w.as_str().unwrap_or("$")[skipped..].to_owned())
            };
            let shown = found.map(|u| (of(u.archive, "-"), of(u.folder, "."), u.is_partial));
            let want = want.map(|(archive, folder, part)| (archive.to_owned(), folder.to_owned(), part));
            assert_eq!(shown, want, "{command}");
        }
    }

    #[test]
    fn archives_are_found_among_the_words_of_unzip() {
        for (command, want) in [
            ("unzip a.zip", Some("a.zip")),
            ("unzip -qo /tmp/a.zip -d /opt", Some("/tmp/a.zip")),
            ("unzip -l a.zip", None),
            ("unzip -p a.zip x", None),
            ("unzip $A", None),
            ("tar xf a.zip", None),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("FROM debian:12\nRUN {command}\n")));
            let model = Model::new(file.clone());
            assert_eq!(model.commands().next().and_then(|c| c.unzipped_archive()), want, "{command}");
        }
    }

    #[test]
    fn names_of_archives() {
        for (name, want) in [
            ("a.tar", true),
            ("A.TGZ", true),
            ("a.tar.zst", true),
            (".tar", false),
            ("a.gz", false),
            ("a.zip", false),
        ] {
            assert_eq!(is_tar(name), want, "{name}");
        }
    }
}
