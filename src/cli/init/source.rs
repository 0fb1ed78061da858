//! `--from`: where hooks and jobs get dlint.

use std::path::{Component, Path, PathBuf};

/// Where hooks and jobs get dlint.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What pip installs from an index or an address: `name==version`, or the address of a wheel.
    Pip(String),
    /// A wheel in the repository, by its path from the top.
    Wheel(String),
    /// The address of an archive with the program.
    Archive { address: String, sha256: Option<String> },
    /// A repository with the sources of dlint, or the mirror for pre-commit.
    Repository { address: String, revision: String },
}

impl Source {
    /// Understands what is given. Paths are from the working folder; `top` is the top of the user's repository.
    pub(super) fn parse(given: &str, top: &Path) -> Result<Self, String> {
        // It goes into YAML, and there into quotes of a shell.
        let fine = |c: char| c.is_ascii_alphanumeric() || "._~:/@#=+%,?&-".contains(c);
        if given.is_empty() || given.starts_with('-') || !given.chars().all(fine) {
            return Err(format!("`{given}` contains characters that are not safe in a CI file"));
        }
        let given = given.strip_prefix("git+").unwrap_or(given);
        let (place, fragment) = given.split_once('#').unwrap_or((given, ""));
        let remote = place.contains("://");
        if has_password(place) {
            return Err(
                "the address holds a password, which would be committed: let the job have it from a secret"
                    .to_owned(),
            );
        }
        if remote
            && !["https", "http", "ssh", "git"]
                .iter()
                .any(|scheme| place.starts_with(&format!("{scheme}://")))
        {
            return Err(format!("`{given}` is no address that a job can read: write one with `https://`"));
        }
        // A signed address has its signature behind the name of the file.
        let file = place.split_once('?').map_or(place, |(file, _)| file);
        if has_extension(file, "whl") {
            return if remote { Ok(Self::Pip(given.to_owned())) } else { in_repository(place, top) };
        }
        if [".tar.gz", ".tgz"].iter().any(|end| file.ends_with(end)) {
            if !remote {
                return Err(format!(
                    "`{given}` is a file here; a job needs an address or a wheel in the repository"
                ));
            }
            let sha256 = fragment.strip_prefix("sha256=").map(str::to_owned);
            return Ok(Self::Archive { address: place.to_owned(), sha256 });
        }
        if remote || place.starts_with("git@") {
            if place.contains('?')
                || place.contains("/tree/")
                || !fragment.is_empty()
                || file.ends_with(".zip")
            {
                return Err(format!("`{given}` is no repository, wheel or archive (`.tar.gz`)"));
            }
            let (address, revision) = match place.rsplit_once('@') {
                Some((address, revision)) if !revision.contains([':', '/']) => (address, revision.to_owned()),
                _ => (place, format!("v{}", env!("CARGO_PKG_VERSION"))),
            };
            return Ok(Self::Repository { address: address.to_owned(), revision });
        }
        if place.contains(['/', ':', '@']) {
            return Err(format!(
                "`{given}` is no address, wheel or package; write for example `https://…/dlint.git` or `dockerfile-dlint=={}`",
                env!("CARGO_PKG_VERSION")
            ));
        }
        if Path::new(place).is_dir() {
            return Err(format!("`{given}` is a folder here; name the wheel in it"));
        }
        let version = if place.contains('=') { "" } else { concat!("==", env!("CARGO_PKG_VERSION")) };
        Ok(Self::Pip(format!("{place}{version}")))
    }

    /// What a reviewer would ask for, if anything.
    pub(super) fn doubt(&self) -> Option<&'static str> {
        match self {
            // Until there is a release: whoever registers the name decides what a job installs.
            Self::Pip(spec) if !spec.contains("://") => Some(
                "the public index does not have dlint yet: jobs need an index of yours that has this package",
            ),
            Self::Pip(spec) if !spec.contains("#sha256=") => {
                Some("add `#sha256=DIGEST` to the address, and jobs install only the file that you tried")
            }
            Self::Archive { sha256: None, .. } => {
                Some("add `#sha256=DIGEST` to the address, and jobs run only the program that you tried")
            }
            Self::Repository { revision, .. } => match option_for(revision) {
                "--rev" => None,
                "--branch" => Some(
                    "a branch moves with each commit: name a full commit behind the `@` instead to pin it",
                ),
                _ => Some("a tag can be moved: name a full commit behind an `@` instead to pin it"),
            },
            _ => None,
        }
    }
}

/// Whether it is the full name of a commit.
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The option by which cargo finds a revision. A word without a digit in front, as `main`, names a branch.
pub(super) fn option_for(revision: &str) -> &'static str {
    let number = revision.strip_prefix('v').unwrap_or(revision);
    match () {
        () if is_commit(revision) => "--rev",
        () if number.starts_with(|c: char| c.is_ascii_digit()) => "--tag",
        () => "--branch",
    }
}

/// Whether an address has a name and a password before its host.
fn has_password(address: &str) -> bool {
    let host = address.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    host.and_then(|host| host.rsplit_once('@')).is_some_and(|(user, _)| user.contains(':'))
}

/// An address of git as cargo reads it, which does not know the short form of ssh.
pub(super) fn for_cargo(address: &str) -> String {
    let short = if address.contains("://") { None } else { address.split_once(':') };
    short.map_or_else(|| address.to_owned(), |(host, path)| format!("ssh://{host}/{path}"))
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|e| e == extension)
}

/// A wheel by its path from the top of the repository, where jobs find it.
fn in_repository(wheel: &str, top: &Path) -> Result<Source, String> {
    let path =
        Path::new(wheel).canonicalize().map_err(|error| format!("`{wheel}` cannot be read: {error}"))?;
    let top = top.canonicalize().unwrap_or_else(|_| PathBuf::from(top));
    let inside = path
        .strip_prefix(top)
        .map_err(|_| format!("`{wheel}` is outside of the repository, so a job does not have it"))?;
    let names = inside.components().filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    Ok(Source::Wheel(names.collect::<Vec<_>>().join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(given: &str) -> Result<Source, String> {
        Source::parse(given, Path::new("."))
    }

    #[test]
    fn each_kind_is_known_by_its_form() {
        let version = env!("CARGO_PKG_VERSION");
        let pip = |spec: &str| Ok(Source::Pip(spec.to_owned()));
        assert_eq!(parsed("dockerfile-dlint==0.2.0"), pip("dockerfile-dlint==0.2.0"));
        assert_eq!(parsed("dockerfile-dlint"), pip(&format!("dockerfile-dlint=={version}")));
        let wheel = "https://files.example.com/dockerfile_dlint-0.1.0-py3-none-any.whl#sha256=ab";
        assert_eq!(parsed(wheel), pip(wheel));
        let archive = |sha256: Option<&str>| Source::Archive {
            address: "https://files.example.com/dlint.tar.gz".to_owned(),
            sha256: sha256.map(str::to_owned),
        };
        assert_eq!(parsed("https://files.example.com/dlint.tar.gz"), Ok(archive(None)));
        assert_eq!(parsed("https://files.example.com/dlint.tar.gz#sha256=ab"), Ok(archive(Some("ab"))));
        for (given, address, revision) in [
            ("https://example.com/dlint", "https://example.com/dlint", format!("v{version}").as_str()),
            ("https://me@example.com/dlint", "https://me@example.com/dlint", &format!("v{version}")),
            ("https://example.com/dlint@v2", "https://example.com/dlint", "v2"),
            ("git@example.com:tools/dlint.git@main", "git@example.com:tools/dlint.git", "main"),
        ] {
            let expected = Source::Repository { address: address.to_owned(), revision: revision.to_owned() };
            assert_eq!(parsed(given), Ok(expected), "{given}");
        }
    }

    #[test]
    fn what_a_job_cannot_have_is_said() {
        let inside = tempfile::tempdir().unwrap();
        let wheel = inside.path().join("vendor").join("dlint.whl");
        std::fs::create_dir(inside.path().join("vendor")).unwrap();
        std::fs::write(&wheel, "").unwrap();
        let wheel = wheel.to_str().unwrap();
        assert_eq!(Source::parse(wheel, inside.path()), Ok(Source::Wheel("vendor/dlint.whl".to_owned())));
        let elsewhere = tempfile::tempdir().unwrap();
        let said = Source::parse(wheel, elsewhere.path()).unwrap_err();
        assert!(said.contains("outside of the repository"), "{said}");
        for (given, said) in [
            ("", "characters"),
            ("--index-url=x", "characters"),
            ("a'b", "characters"),
            ("https://example.com/${{x}}", "characters"),
            ("nosuch.whl", "cannot be read"),
            ("dlint.tar.gz", "a file here"),
            ("../dlint", "no address, wheel or package"),
            ("https://me:secret@example.com/a.whl", "holds a password"),
            ("file:///a.whl", "no address that a job can read"),
            ("https://example.com/a.zip", "no repository, wheel or archive"),
            ("https://example.com/dlint#main", "no repository, wheel or archive"),
            ("src", "a folder here"),
        ] {
            let error = parsed(given).unwrap_err();
            assert!(error.contains(said), "{given}: {error}");
        }
    }

    #[test]
    fn addresses_of_git_and_signed_ones_are_read() {
        let version = format!("v{}", env!("CARGO_PKG_VERSION"));
        let repository = |address: &str, revision: &str| {
            Ok(Source::Repository { address: address.to_owned(), revision: revision.to_owned() })
        };
        assert_eq!(parsed("git+https://example.com/d.git@v1"), repository("https://example.com/d.git", "v1"));
        assert_eq!(
            parsed("git+ssh://git@example.com/d.git"),
            repository("ssh://git@example.com/d.git", &version)
        );
        let signed = "https://example.com/d.whl?token=abc#sha256=00";
        assert_eq!(parsed(signed), Ok(Source::Pip(signed.to_owned())));
        for (revision, option) in
            [("v1.2", "--tag"), ("0.3.0", "--tag"), ("main", "--branch"), ("vnext", "--branch")]
        {
            assert_eq!(option_for(revision), option, "{revision}");
        }
        assert_eq!(option_for("59807616e1fa2540724bfbac14d7976d7e4a3860"), "--rev");
        assert_eq!(for_cargo("git@example.com:tools/d.git"), "ssh://git@example.com/tools/d.git");
        assert_eq!(for_cargo("https://example.com/d.git"), "https://example.com/d.git");
    }

    #[test]
    fn what_is_not_pinned_is_doubted() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (given, fine) in [
            ("dockerfile-dlint==0.1.0", false),
            ("https://example.com/a.whl", false),
            ("https://example.com/a.whl#sha256=ab", true),
            ("https://example.com/a.tar.gz", false),
            ("https://example.com/a.tar.gz#sha256=ab", true),
            ("https://example.com/dlint", false),
            ("https://example.com/dlint@v1", false),
            (&format!("https://example.com/dlint@{commit}"), true),
        ] {
            assert_eq!(parsed(given).unwrap().doubt().is_none(), fine, "{given}");
        }
    }
}
