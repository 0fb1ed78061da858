//! What builds a Dockerfile, where nobody says so: mostly BuildKit, but Podman where its name, its ignore file or a file
//! that starts the build shows that.

use std::collections::BTreeSet;
use std::path::Path;

use crate::diag::BuiltBy;
use crate::semantic::Builder;
use crate::text::{Gather, plain_path};
use crate::workspace::{Files, IgnoreSource, Target, TargetOrigin};

/// Settles what builds each of the targets, which are all builds of one Dockerfile, what else builds it, and what is known
/// of its base images. Gives for each why it is not BuildKit, where nobody has said so.
pub(super) fn settle(files: &Files, targets: &mut [Target], told: Option<Builder>) -> Vec<Option<BuiltBy>> {
    targets.iter_mut().for_each(|target| files.tell_bases(target));
    if let Some(builder) = told {
        for target in targets.iter_mut() {
            target.build.builder = builder;
            target.also.clear();
        }
        return targets.iter().map(|_| None).collect();
    }
    let signs: Vec<Option<Sign>> = targets.iter().map(|target| Sign::of(files, target)).collect();
    let mut whys = Vec::with_capacity(targets.len());
    for (target, sign) in targets.iter_mut().zip(&signs) {
        whys.push(why(target, sign.as_ref()));
    }
    let of_signs = signs.iter().flatten().map(|_| Builder::Podman);
    let shown: BTreeSet<Builder> = targets.iter().map(Target::builder).chain(of_signs).gather();
    for target in targets {
        target.also = shown.iter().copied().filter(|builder| *builder != target.builder()).collect();
    }
    whys
}

/// The same for the only build of a Dockerfile.
pub fn settle_one(files: &Files, target: &mut Target, told: Option<Builder>) -> Option<BuiltBy> {
    settle(files, std::slice::from_mut(target), told).pop().flatten()
}

/// Lets Podman build what shows that it does, and says why.
fn why(target: &mut Target, sign: Option<&Sign>) -> Option<BuiltBy> {
    let why = match (&target.origin, sign) {
        (TargetOrigin::Entry { .. }, _) => {
            let entry = target.entry().filter(|_| target.builder() != Builder::BuildKit)?;
            format!("`{entry}` builds it")
        }
        (TargetOrigin::CommandLine, None | Some(Sign { is_alone: false, .. })) => return None,
        (TargetOrigin::CommandLine, Some(sign)) => {
            target.build.builder = Builder::Podman;
            sign.why.clone()
        }
    };
    let builder = target.builder();
    Some(BuiltBy { name: builder.name(), title: builder.title(), why })
}

/// What shows that Podman builds a Dockerfile.
struct Sign {
    why: String,
    /// Nothing shows that BuildKit builds it as well.
    is_alone: bool,
}

impl Sign {
    fn of(files: &Files, target: &Target) -> Option<Self> {
        let path = target.path()?;
        if path.file_name().is_some_and(|name| is_containerfile(&name.to_string_lossy())) {
            return Some(Self { why: "it is named like a Containerfile".to_owned(), is_alone: true });
        }
        let IgnoreSource::Found = target.ignore else { return None };
        let folder = target.context_folder()?;
        let podman = Builder::Podman.dialect().candidates(path, &folder);
        let counts = podman.into_iter().find(|file| files.exists(file))?;
        let is_own = |file: &Path| file.to_string_lossy().ends_with(".containerignore");
        let docker = Builder::BuildKit.dialect().candidates(path, &folder);
        is_own(&counts).then(|| Self {
            why: format!("`{}` is there", plain_path(&counts).display()),
            is_alone: !docker.iter().any(|file| files.exists(file)),
        })
    }
}

/// True for `Containerfile`, `Containerfile.dev` and `dev.Containerfile`.
fn is_containerfile(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "containerfile" || name.starts_with("containerfile.") || name.ends_with(".containerfile")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(files: &[&str], dockerfile: &str, told: Option<Builder>) -> (Builder, Vec<Builder>, String) {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            std::fs::write(folder.path().join(file), "x\n").unwrap();
        }
        let mut target = Target::of_file(folder.path().join(dockerfile));
        let why = settle_one(&Files::default(), &mut target, told);
        let shown = folder.path().display().to_string();
        let why = why.map_or_else(String::new, |why| why.why.replace(&shown, ""));
        (target.builder(), target.also, why)
    }

    #[test]
    fn a_name_or_an_ignore_file_shows_podman() {
        let podman = |why: &str| (Builder::Podman, Vec::new(), why.to_owned());
        let plain = || (Builder::BuildKit, Vec::new(), String::new());
        assert_eq!(settled(&[], "Dockerfile", None), plain());
        assert_eq!(settled(&[".dockerignore"], "Dockerfile", None), plain());
        assert_eq!(settled(&[], "Containerfile", None), podman("it is named like a Containerfile"));
        assert_eq!(settled(&[], "dev.Containerfile", None), podman("it is named like a Containerfile"));
        assert_eq!(settled(&[], "Containerfiles.txt", None), plain());
        assert_eq!(
            settled(&[".containerignore"], "Dockerfile", None),
            podman("`/.containerignore` is there")
        );
        assert_eq!(
            settled(&["Dockerfile.containerignore"], "Dockerfile", None),
            podman("`/Dockerfile.containerignore` is there")
        );
        // Both are shown.
        assert_eq!(
            settled(&[".containerignore", ".dockerignore"], "Dockerfile", None),
            (Builder::BuildKit, vec![Builder::Podman], String::new())
        );
        // Podman reads the one of the Dockerfile, so the other shows nothing.
        assert_eq!(settled(&[".containerignore", "Dockerfile.dockerignore"], "Dockerfile", None), plain());
    }

    #[test]
    fn what_somebody_says_counts_alone() {
        let told = |builder| settled(&[".containerignore"], "Containerfile", Some(builder));
        assert_eq!(told(Builder::BuildKit), (Builder::BuildKit, Vec::new(), String::new()));
        assert_eq!(told(Builder::Buildah), (Builder::Buildah, Vec::new(), String::new()));
    }
}
