//! Podman's Quadlet: what a `.build` unit builds, as the generator of Podman 5 turns it into `podman build`.

mod containers;
mod unit;

use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::files::Files;
use crate::flags;
use crate::paths::{clean, join};
use crate::problem::{Problem, Warning, WarningKind, quoted};
use crate::remote::is_remote;
use crate::similar::most_alike;
use crate::source::{FileId, Place};
use crate::target::{Argument, Context, Dockerfile, IgnoreFile, Kind, Resolution, Target, Text};

pub(crate) use containers::lacks_unit;
pub use containers::unit_of_container;

use containers::{container_user, unit_named_by, unit_near};
use unit::{Unit, text_of};

/// The keys of `[Build]` that matter to what is built, and those that do not.
const KEYS: [&str; 31] = [
    "Annotation",
    "Arch",
    "AuthFile",
    "BuildArg",
    "ContainersConfModule",
    "DNS",
    "DNSOption",
    "DNSSearch",
    "Environment",
    "File",
    "ForceRM",
    "GlobalArgs",
    "GroupAdd",
    "HttpProxy",
    "IgnoreFile",
    "ImageTag",
    "Label",
    "Memory",
    "Network",
    "PodmanArgs",
    "Pull",
    "Retry",
    "RetryDelay",
    "Secret",
    "ServiceName",
    "SetWorkingDirectory",
    "ShmSize",
    "TLSVerify",
    "Target",
    "Variant",
    "Volume",
];

/// Says what a `.build` unit builds, or the one whose image a `.container` has.
#[must_use]
pub fn resolve(files: &dyn Files, path: &Path, environment: Option<&Environment>) -> Resolution {
    Resolution::of(|resolution| {
        let target = read(files, path, environment, resolution)?;
        resolution.targets.push(target);
        Ok(())
    })
}

fn read(
    files: &dyn Files,
    path: &Path,
    environment: Option<&Environment>,
    resolution: &mut Resolution,
) -> Result<Target, Problem> {
    let name = quoted(&path.display().to_string());
    let missing = |message| Problem { place: None, message };
    let file = resolution
        .sources
        .open(files, path)
        .map_err(|error| missing(format!("{name} cannot be read: {error}")))?
        .ok_or_else(|| missing(format!("there is no file {name}")))?;
    let text = resolution.sources.file(file).text.clone();
    let unit = Unit::parse(&text, file);
    if let Some(image) = unit_named_by(&unit).filter(|_| unit.build.is_none()) {
        let unit = image.value.as_deref().unwrap_or_default();
        let Some(path) = unit_near(files, path, unit) else {
            let message = format!("there is no unit {}, whose image this container is to have", quoted(unit));
            return Err(Problem { place: Some(image.place), message });
        };
        return read(files, &path, environment, resolution);
    }
    for entry in unit.entries.iter().filter(|entry| entry.section == "Build") {
        if !KEYS.contains(&entry.key.as_str()) {
            let kind =
                WarningKind::UnknownKey { key: entry.key.clone(), similar: most_alike(&entry.key, KEYS) };
            resolution.warnings.push(Warning { place: entry.place, related: None, target: None, kind });
        }
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let target = Reader { files, unit, folder, path, environment }.target(file)?;
    let user = container_user(files, folder, path, resolution);
    Ok(Target { user, ..target })
}

struct Reader<'a> {
    files: &'a dyn Files,
    unit: Unit,
    /// The folder of the unit.
    folder: &'a Path,
    path: &'a Path,
    environment: Option<&'a Environment>,
}

/// A folder that is known or not.
type Folder = Option<PathBuf>;

impl Reader<'_> {
    fn target(&self, file: FileId) -> Result<Target, Problem> {
        let place = self.unit.build.unwrap_or(Place::new(file, 0..0));
        let problem = |message: &str| Err(Problem { place: Some(place), message: message.to_owned() });
        if self.unit.build.is_none() {
            return problem("a `.build` unit needs a `[Build]` section");
        }
        let tags: Vec<Text> = self.unit.all("ImageTag").into_iter().cloned().collect();
        if tags.is_empty() {
            return problem("`ImageTag` is needed");
        }
        let dockerfile = self.unit.last("Build", "File");
        let set = self.unit.last("Build", "SetWorkingDirectory");
        let service = self.unit.last("Service", "WorkingDirectory");
        let of_service = service.map(|text| text.value.as_deref().map(|path| join(Path::new("/"), path)));
        if set.is_none() && dockerfile.is_none() && service.is_none() {
            return problem("`File` or `SetWorkingDirectory` is needed");
        }
        let word = set.and_then(|text| text.value.as_deref()).map(str::to_ascii_lowercase);
        let relative = dockerfile.is_none_or(|text| text.value.as_deref().is_some_and(is_relative));
        let (context, working): (Option<Context>, Option<Folder>) = match (set, word.as_deref()) {
            (Some(_), Some("file")) => {
                let Some(file) = dockerfile else {
                    return problem("`SetWorkingDirectory=file` needs `File`");
                };
                let folder = file.value.as_deref().map(|path| parent(&join(self.folder, path)));
                (None, Some(of_service.unwrap_or(folder)))
            }
            (Some(_), Some("unit")) => (None, Some(of_service.unwrap_or(Some(clean(self.folder))))),
            (Some(text), _) => match text.value.as_deref() {
                Some(address) if is_remote(address) => (Some(Context::Remote(text.clone())), of_service),
                Some(path) if is_relative(path) && of_service.is_some() => (None, of_service),
                Some(path) => {
                    let folder = Context::Folder { path: join(self.folder, path), text: Some(text.clone()) };
                    (Some(folder), Some(of_service.unwrap_or(Some(clean(self.folder)))))
                }
                None => (Some(Context::Unknown(text.clone())), of_service),
            },
            (None, _) => (None, of_service),
        };
        let context = match (context, &working) {
            (Some(context), _) => context,
            (None, None) if relative => {
                let place = dockerfile.map_or(place, |text| text.place);
                let message = "a relative `File` needs `SetWorkingDirectory`".to_owned();
                return Err(Problem { place: Some(place), message });
            }
            (None, Some(Some(folder))) if relative => Context::Folder { path: folder.clone(), text: None },
            // Podman takes the folder of the file.
            (None, _) => match dockerfile.map(|text| (text, text.value.as_deref())) {
                Some((_, Some(path))) if !is_remote(path) && !relative => {
                    Context::Folder { path: parent(&clean(Path::new(path))), text: None }
                }
                Some((text, _)) => Context::Unknown(text.clone()),
                None => Context::Unknown(tags[0].clone()),
            },
        };
        let working = working.flatten();
        let dockerfile = podman_dockerfile(self.files, dockerfile, working.as_deref(), &context);
        let name = self.path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        let mut target = Target {
            stage: self.unit.last("Build", "Target").cloned(),
            platforms: self.platform().into_iter().collect(),
            tags,
            ..Target::new(Kind::Quadlet, name, place, context, dockerfile)
        };
        self.add_arguments(&mut target);
        let words = self.unit.words("PodmanArgs").into_iter();
        let words: Vec<Text> = words.map(|(word, place)| text_of(&word, place)).collect();
        flags::apply(&words, self.folder, self.environment, &mut target);
        // Podman runs in the working folder.
        let named = target.ignore_file.take().map(|named| named.text);
        target.ignore_file = named.or_else(|| self.unit.last("Build", "IgnoreFile").cloned()).map(|text| {
            let path = text.value.as_deref().and_then(|path| match &working {
                Some(folder) => Some(join(folder, path)),
                None => (!is_relative(path)).then(|| clean(Path::new(path))),
            });
            IgnoreFile { path, text }
        });
        Ok(target)
    }

    fn platform(&self) -> Option<Text> {
        let architecture = self.unit.last("Build", "Arch")?;
        let variant = self.unit.last("Build", "Variant").and_then(|text| text.value.as_deref());
        let mut platform = architecture.clone();
        platform.value = architecture.value.as_deref().map(|architecture| match variant {
            Some(variant) => format!("linux/{architecture}/{variant}"),
            None => format!("linux/{architecture}"),
        });
        Some(platform)
    }

    fn add_arguments(&self, target: &mut Target) {
        for (word, place) in self.unit.words("BuildArg") {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(text_of(value, place))),
                None => (word.as_str(), None),
            };
            let name = text_of(name, place);
            if name.value.is_none() {
                continue;
            }
            target.arguments.push(Argument { name, value });
        }
    }
}

/// The file that Podman and buildah build: looked for from the working folder and then in the context; without a name
/// a Containerfile, or else a Dockerfile.
pub(crate) fn podman_dockerfile(
    files: &dyn Files,
    written: Option<&Text>,
    working: Option<&Path>,
    context: &Context,
) -> Dockerfile {
    let folder = match context {
        Context::Folder { path, .. } => Some(path.as_path()),
        _ => None,
    };
    let Some(text) = written else {
        return match (folder, context) {
            (Some(folder), _) => {
                let (first, second) = (join(folder, "Containerfile"), join(folder, "Dockerfile"));
                let path = if !files.is_file(&first) && files.is_file(&second) { second } else { first };
                Dockerfile::File { path, text: None }
            }
            (None, Context::Unknown(text)) => Dockerfile::Unknown(text.clone()),
            (None, _) => Dockerfile::File { path: PathBuf::from("Containerfile"), text: None },
        };
    };
    let Some(path) = text.value.as_deref().filter(|path| !is_remote(path)) else {
        return Dockerfile::Unknown(text.clone());
    };
    let from_working = working.map(|working| join(working, path));
    let from_context = folder.map(|folder| join(folder, path));
    let there = from_working.clone().filter(|path| files.is_file(path));
    match there.or(from_context).or(from_working) {
        Some(path) => Dockerfile::File { path, text: Some(text.clone()) },
        None if !is_relative(path) || matches!(context, Context::Remote(_)) => {
            Dockerfile::File { path: clean(Path::new(path)), text: Some(text.clone()) }
        }
        None => Dockerfile::Unknown(text.clone()),
    }
}

fn is_relative(path: &str) -> bool {
    !path.starts_with('/') && !is_remote(path)
}

fn parent(path: &Path) -> PathBuf {
    clean(path.parent().unwrap_or(Path::new("")))
}

#[cfg(test)]
mod tests {
    use crate::files::Memory;

    use super::*;

    fn shown(unit: &str) -> String {
        let files = [("u/app.build", unit), ("u/src/Dockerfile", ""), ("u/Containerfile", "")];
        let memory: Memory = files.into_iter().collect();
        let resolution = resolve(&memory, Path::new("u/app.build"), None);
        if let Some(problem) = resolution.problems.first() {
            return problem.message.clone();
        }
        let target = &resolution.targets[0];
        let context = match &target.context {
            Context::Folder { path, .. } => path.display().to_string(),
            Context::Remote(text) => text.value.clone().unwrap(),
            Context::Unknown(_) => "?".to_owned(),
        };
        let dockerfile = match &target.dockerfile {
            Dockerfile::File { path, .. } => path.display().to_string(),
            _ => "?".to_owned(),
        };
        let mut shown = format!("{} {context} {dockerfile}", target.name);
        shown.extend(target.stage.iter().map(|stage| format!(" stage {}", stage.value.as_deref().unwrap())));
        for argument in &target.arguments {
            let value = argument.value.as_ref().map_or("-", |value| value.value.as_deref().unwrap_or("?"));
            shown.push_str(&format!(" {}={value}", argument.name.value.as_deref().unwrap()));
        }
        shown.extend(target.platforms.iter().map(|p| format!(" on {}", p.value.as_deref().unwrap())));
        let ignore = target.ignore_file.iter().map(|named| named.path.as_ref());
        shown.extend(
            ignore.map(|path| {
                path.map_or(" ignores ?".to_owned(), |path| format!(" ignores {}", path.display()))
            }),
        );
        shown
    }

    #[test]
    fn units_become_builds() {
        let unit = |lines: &str| shown(&format!("[Build]\nImageTag=localhost/app\n{lines}\n"));
        for (lines, expected) in [
            ("SetWorkingDirectory=unit", "app u u/Containerfile"),
            ("SetWorkingDirectory=unit\nFile=src/Dockerfile", "app u u/src/Dockerfile"),
            ("SetWorkingDirectory=file\nFile=./Containerfile", "app u u/Containerfile"),
            ("SetWorkingDirectory=src", "app u/src u/src/Dockerfile"),
            ("SetWorkingDirectory=/srv/app\nFile=D", "app /srv/app /srv/app/D"),
            ("SetWorkingDirectory=https://x/y.git\nFile=D", "app https://x/y.git D"),
            ("File=/srv/app/D", "app /srv/app /srv/app/D"),
            ("File=D", "a relative `File` needs `SetWorkingDirectory`"),
            ("File=%h/D", "app ? ?"),
            ("", "`File` or `SetWorkingDirectory` is needed"),
            ("File=D\n[Service]\nWorkingDirectory=/w", "app /w /w/D"),
            (
                "SetWorkingDirectory=unit\nTarget=t\nBuildArg=A=1 \"B=x y\"\nBuildArg=C\nArch=arm64\nPodmanArgs=--build-arg A=2 \\\n  --no-hosts --target u",
                "app u u/Containerfile stage u B=x y C=- A=2 on linux/arm64",
            ),
            ("SetWorkingDirectory=unit\nIgnoreFile=x/i", "app u u/Containerfile ignores u/x/i"),
            (
                "SetWorkingDirectory=unit\nIgnoreFile=i\nPodmanArgs=--ignorefile=/j",
                "app u u/Containerfile ignores /j",
            ),
            ("SetWorkingDirectory=unit\nIgnoreFile=%h/i", "app u u/Containerfile ignores ?"),
            ("SetWorkingDirectory=unit\nBuildArg=A=1\nBuildArg=\nBuildArg=B=2", "app u u/Containerfile B=2"),
            // The escapes of systemd; a value with another one counts for nothing.
            (
                r#"SetWorkingDirectory=unit
BuildArg="A=x\x20y" B=a\sb C=\"q\" D=\101\u00e9 E='\t\\'"#,
                "app u u/Containerfile A=x y B=a b C=\"q\" D=A\u{e9} E=\t\\",
            ),
            ("SetWorkingDirectory=unit\nBuildArg=A=1 B=\\q\nBuildArg=C=\\x4", "app u u/Containerfile"),
            (
                "SetWorkingDirectory=unit\nBuildArg=A=%n B=2 %h=3 C=5%%\nPodmanArgs=--tag %i --target t",
                "app u u/Containerfile stage t A=? B=2 C=5%",
            ),
        ] {
            assert_eq!(unit(lines), expected, "{lines}");
        }
        assert_eq!(shown("[Build]\nFile=/D\n"), "`ImageTag` is needed");
        assert_eq!(shown("[Unit]\n"), "a `.build` unit needs a `[Build]` section");
    }

    #[test]
    fn a_slip_in_a_key_is_noted_at_its_place() {
        let unit = "# x\n[Build]\nImageTag=a\nSetWorkingDir=unit\n  File = /D\n";
        let memory: Memory = [("a.build", unit)].into_iter().collect();
        let resolution = resolve(&memory, Path::new("a.build"), None);
        let warning = &resolution.warnings[0];
        assert_eq!(&unit[warning.place.span()], "SetWorkingDir");
        let Dockerfile::File { text: Some(text), .. } = &resolution.targets[0].dockerfile else { panic!() };
        assert_eq!(&unit[text.place.span()], "/D");
    }

    #[test]
    fn a_container_stands_for_the_unit_that_it_names() {
        let of = |image: &str| {
            let container = format!("[Container]\nImage={image}\n");
            let unit = "[Build]\nImageTag=a\nSetWorkingDirectory=unit\n";
            let files =
                [("q/u/x.container", container.as_str()), ("q/u/a.build", unit), ("q/v/b.build", unit)];
            let memory: Memory = files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
            let resolution = resolve(&memory, Path::new("q/u/x.container"), None);
            let mut said: Vec<String> = resolution.targets.iter().map(|target| target.name.clone()).collect();
            said.extend(resolution.problems.iter().map(|problem| {
                format!("{} at {:?}", problem.message, &container[problem.place.unwrap().span()])
            }));
            said.join(", ")
        };
        assert_eq!(of("a.build"), "a");
        assert_eq!(of("b.build"), "b");
        assert_eq!(
            of("c.build"),
            "there is no unit `c.build`, whose image this container is to have at \"c.build\""
        );
    }

    #[test]
    fn containers_of_a_unit_say_who_they_run_as() {
        let user = |containers: &[(&'static str, &'static str)]| {
            let unit = [("u/a.build", "[Build]\nImageTag=a\nSetWorkingDirectory=unit\n")];
            let memory: Memory = unit.iter().chain(containers).copied().collect();
            let resolution = resolve(&memory, Path::new("u/a.build"), None);
            resolution.targets[0].user.as_ref().and_then(|user| user.value.clone())
        };
        let own = ("u/a.container", "[Container]\nImage=a.build\nUser=app\n");
        assert_eq!(user(&[own, ("u/b.container", "[Container]\nImage=b.build\n")]).as_deref(), Some("app"));
        assert_eq!(user(&[own, ("u/b.container", "[Container]\nImage=a.build\n")]), None);
        assert_eq!(user(&[("a.container", own.1)]), None);
    }
}
