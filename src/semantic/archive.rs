//! Archives, and the commands that unpack them.

use super::Cmd;
use crate::knowledge::TAR_ENDINGS;

/// True for a name that a tar archive has.
#[must_use]
pub fn is_tar(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    TAR_ENDINGS.iter().any(|end| lower.len() > end.len() && lower.ends_with(end))
}

impl<'m> Cmd<'m> {
    /// The archive that a `tar` unpacks, as its words say it.
    #[must_use]
    pub fn unpacked_archive(&self) -> Option<&'m str> {
        if !matches!(self.program(), "tar" | "bsdtar" | "gtar") {
            return None;
        }
        let args = self.args();
        let mut extracts = false;
        let mut archive = None;
        let mut at = 0;
        while let Some(word) = args.get(at) {
            let text = word.static_prefix();
            at += 1;
            if let Some(long) = text.strip_prefix("--") {
                extracts |= matches!(long, "extract" | "get");
                match long.split_once('=') {
                    Some(("file", name)) if word.as_str().is_some() => archive = Some(name),
                    None if long == "file" => {
                        archive = args.get(at).and_then(|w| w.as_str());
                        at += 1;
                    }
                    None if long == "directory" => at += 1,
                    _ => {}
                }
            } else if let Some(letters) = text.strip_prefix('-').or((at == 1).then_some(text)) {
                // A bundle of letters, with or without its dash: `-xzf`, `xzf`.
                for (i, letter) in letters.char_indices() {
                    match letter {
                        'x' => extracts = true,
                        'f' | 'C' | 'T' | 'X' | 'b' | 'I' | 'K' => {
                            let rest = &letters[i + 1..];
                            let bundled = text.starts_with('-') && !rest.is_empty();
                            let value =
                                if bundled { Some(rest) } else { args.get(at).and_then(|w| w.as_str()) };
                            at += usize::from(!bundled);
                            if letter == 'f' {
                                archive = value;
                            }
                            if bundled {
                                break;
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        archive.filter(|_| extracts)
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
