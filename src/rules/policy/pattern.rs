//! What the lists of a policy hold. A `*` in them stands for any characters, a `?` for one.

use crate::knowledge::{Manager, managers};
use crate::semantic::{Cmd, PartialImage};
use crate::syntax::ImageRef;
use crate::text::{Wildcard, nearest};

/// Hosts that are Docker Hub, beside `docker.io`.
const HUB: [&str; 3] = ["index.docker.io", "registry-1.docker.io", "hub.docker.com"];

/// A registry's host in one spelling.
fn canonical(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    if HUB.contains(&&*host) { "docker.io".to_owned() } else { host }
}

/// Registries: `docker.io`, `*.example.com`, `localhost:5000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryPattern(Wildcard);

impl RegistryPattern {
    /// Reads the pattern of a host.
    ///
    /// # Errors
    /// If it can fit no host, with what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let host = text.trim_end_matches('/');
        if host.is_empty() || host.contains(char::is_whitespace) {
            return Err(
                "a registry is a host such as `ghcr.io`, `localhost:5000` or `*.example.com`".to_owned()
            );
        }
        match host.split_once('/') {
            Some((_, path)) if path.starts_with('/') => {
                Err("a registry is a host alone, without `https://`".to_owned())
            }
            Some(_) => {
                Err("a registry is a host alone: allow what is below a path by `allow-images`".to_owned())
            }
            None => Ok(Self(Wildcard::new(&canonical(host)))),
        }
    }

    /// The pattern in one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// True if images of that registry fit.
    #[must_use]
    pub fn fits(&self, registry: &str) -> bool {
        self.0.fits(&canonical(registry))
    }
}

/// Images: `python:3.*-slim`, `ghcr.io/acme/*`, `*:latest`, `*/base@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePattern {
    /// Any registry, if there is none.
    registry: Option<RegistryPattern>,
    path: Wildcard,
    tag: Option<Wildcard>,
    digest: Option<Wildcard>,
    text: String,
}

impl ImagePattern {
    /// Reads a pattern. Without a registry it speaks of Docker Hub, as in FROM; the registry `*`, or `*`
    /// alone, means any.
    ///
    /// # Errors
    /// If it can fit no image, with what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let slash = rest.rfind('/').map_or(0, |i| i + 1);
        let (name, tag) = match rest[slash..].find(':') {
            Some(colon) => (&rest[..slash + colon], Some(&rest[slash + colon + 1..])),
            None => (rest, None),
        };
        let parts = [Some(name), tag, digest];
        if parts.into_iter().flatten().any(|p| p.is_empty() || p.contains(char::is_whitespace)) {
            return Err("an image is written as in FROM: `python:3.*-slim`, `ghcr.io/acme/*`".to_owned());
        }
        if name.contains("//") {
            return Err("an image is written as in FROM, without `https://`".to_owned());
        }
        let (registry, path) = match name.split_once('/') {
            Some((any, path)) if is_any(any) => (None, path.to_owned()),
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
                (Some(host), path.to_owned())
            }
            None if is_any(name) => (None, name.to_owned()),
            _ => (Some("docker.io"), name.to_owned()),
        };
        let registry = registry.map(RegistryPattern::parse).transpose()?;
        let official = registry.as_ref().is_some_and(|r| r.fits("docker.io") && !r.as_str().contains('*'));
        let path = if official && !path.contains('/') && !path.starts_with('*') {
            format!("library/{path}")
        } else {
            path
        };
        let wildcard = |text: &str| Wildcard::new(text);
        let (tag, digest) = (tag.map(wildcard), digest.map(wildcard));
        Ok(Self { registry, path: wildcard(&path), tag, digest, text: text.to_owned() })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True if the image fits, whatever is not known of it.
    #[must_use]
    pub fn must_fit(&self, image: &PartialImage) -> bool {
        let path = self.path.as_str() == "*" || image.path.as_deref().is_some_and(|p| self.path.fits(p));
        self.tag.is_none() && self.digest.is_none() && path && self.may_fit(image)
    }

    /// True if nothing that is known of the image keeps it from fitting.
    #[must_use]
    pub fn may_fit(&self, image: &PartialImage) -> bool {
        self.registry.as_ref().is_none_or(|r| r.fits(&image.registry))
            && image.path.as_deref().is_none_or(|p| self.path.fits(p))
    }

    /// True if the image fits. One without tag and digest has the tag `latest`; one with a digest alone
    /// has none.
    #[must_use]
    pub fn fits(&self, image: &ImageRef) -> bool {
        let tag = image.tag.as_deref().or(image.digest.is_none().then_some("latest"));
        self.registry.as_ref().is_none_or(|r| r.fits(&image.registry))
            && self.path.fits(&image.path)
            && self.tag.as_ref().is_none_or(|t| tag.is_some_and(|tag| t.fits(tag)))
            && self.digest.as_ref().is_none_or(|want| {
                image.digest.as_ref().is_some_and(|d| want.fits(&format!("{}:{}", d.algorithm, d.hex)))
            })
    }
}

fn is_any(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b == b'*')
}

/// Packages: `telnet`, `netcat*`, or of one package manager, `pip:pycrypto`.
#[derive(Debug, Clone)]
pub struct PackagePattern {
    manager: Option<&'static Manager>,
    name: Wildcard,
    text: String,
}

impl PartialEq for PackagePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PackagePattern {}

impl PackagePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it names no package, or none of the package managers that are known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (manager, name) = match text.split_once(':') {
            Some((manager, name)) => (Some(named_manager(manager)?), name),
            None => (None, text),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err("a package is written as `telnet`, `netcat*` or `pip:pycrypto`".to_owned());
        }
        let comparable = manager.map_or_else(|| name.to_owned(), |m| m.comparable(name));
        Ok(Self { manager, name: Wildcard::new(&comparable), text: text.to_owned() })
    }

    /// True if the package `name` of `manager` fits. What is said of `pip` counts for all that install
    /// packages of that kind.
    #[must_use]
    pub fn fits(&self, manager: &Manager, name: &str) -> bool {
        self.manager.is_none_or(|m| m.has_packages_of(manager)) && self.name.fits(name)
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn named_manager(name: &str) -> Result<&'static Manager, String> {
    if let Some(manager) = managers().iter().find(|m| m.id.name() == name || m.commands.contains(&name)) {
        return Ok(manager);
    }
    let near = nearest(name, managers().iter().map(|m| m.id.name()));
    let shown: String = name.chars().take(60).collect();
    Err(match near {
        Some(near) => format!("`{shown}` is not a known package manager: did you mean `{near}:`?"),
        None => {
            format!(
                "`{shown}` is not a known package manager: write a package with a `:` in its name as `apt:NAME:ARCH`"
            )
        }
    })
}

/// Commands: `curl`, `apt-get upgrade`, `chmod 777`, `curl --insecure`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandPattern {
    program: Wildcard,
    /// The first operands.
    operands: Vec<Wildcard>,
    /// Options, anywhere.
    options: Vec<String>,
    text: String,
}

impl CommandPattern {
    /// Reads a program, and perhaps its first operands and options.
    ///
    /// # Errors
    /// If there is no program.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let Some(program) = words.next().filter(|p| !p.starts_with('-')) else {
            return Err(
                "a command is a program name, optionally followed by arguments: `apt-get upgrade`".to_owned()
            );
        };
        let (options, operands): (Vec<&str>, Vec<&str>) = words.partition(|w| w.starts_with('-'));
        Ok(Self {
            program: Wildcard::new(program),
            operands: operands.into_iter().map(Wildcard::new).collect(),
            options: options.into_iter().map(str::to_owned).collect(),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many operands are asked for.
    #[must_use]
    pub fn operands(&self) -> usize {
        self.operands.len()
    }

    /// The options that are asked for.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(String::as_str)
    }

    /// True if the program alone is asked for.
    #[must_use]
    pub fn is_program(&self) -> bool {
        self.operands.is_empty() && self.options.is_empty()
    }

    /// True if `program` is the one that is asked for.
    #[must_use]
    pub fn names(&self, program: &str) -> bool {
        self.program.fits(program)
    }

    /// True if the command fits. `pip` means `pip3` and `python -m pip` as well; `pip3` itself alone.
    #[must_use]
    pub fn fits(&self, cmd: &Cmd<'_>) -> bool {
        let is_program = self.names(cmd.program()) || cmd.shell().program().is_some_and(|p| self.names(p));
        if !is_program || !self.options.iter().all(|o| cmd.has_flag(o)) {
            return false;
        }
        let mut words = cmd.plain_words();
        self.operands.iter().all(|want| words.next().and_then(|w| w.literal()).is_some_and(|w| want.fits(&w)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_hosts_in_any_spelling() {
        for (pattern, registry, want) in [
            ("docker.io", "docker.io", true),
            ("hub.docker.com", "docker.io", true),
            ("docker.io", "registry-1.docker.io", true),
            ("Example.com", "EXAMPLE.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("example.com", "example.com:5000", false),
            ("docker.io/", "docker.io", true),
        ] {
            assert_eq!(RegistryPattern::parse(pattern).unwrap().fits(registry), want, "{pattern} {registry}");
        }
        for (wrong, want) in [
            ("", "a registry is a host such as"),
            ("a b", "a registry is a host such as"),
            ("https://ghcr.io", "without `https://`"),
            ("ghcr.io/acme", "allow what is below a path by `allow-images`"),
        ] {
            assert!(RegistryPattern::parse(wrong).unwrap_err().contains(want), "{wrong}");
        }
    }

    #[test]
    fn images_are_written_as_in_from() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (pattern, image, want) in [
            ("python", "python:3.12", true),
            ("python", "docker.io/library/python", true),
            ("python", "acme/python", false),
            ("python", "ghcr.io/acme/python", false),
            ("python*", "python", true),
            ("python:3.*", "python:3.12-slim", true),
            ("python:3.*", "python", false),
            ("python:latest", "python", true),
            ("acme/*", "acme/base", true),
            ("acme/*", "library/acme", false),
            ("*", "ghcr.io/a/b:1", true),
            ("*:latest", "ghcr.io/a/b", true),
            ("*:latest", &format!("a@{digest}"), false),
            ("*/acme/base", "example.com:5000/acme/base", true),
            ("docker.io/*", "acme/base", true),
            ("docker.io/*", "ghcr.io/acme/base", false),
            ("*.example.com/base", "x.example.com/base", true),
            ("*.example.com/base", "evil.com/x.example.com/base", false),
            ("ghcr.io/acme/*", "ghcr.io/acme/team/base", true),
            ("localhost:5000/a:1", "localhost:5000/a:1", true),
            (&format!("a@{digest}"), &format!("a:1@{digest}"), true),
            (&format!("a@{digest}"), "a:1", false),
            ("*@sha256:*", &format!("a@{digest}"), true),
        ] {
            let image = ImageRef::parse(image).unwrap();
            assert_eq!(ImagePattern::parse(pattern).unwrap().fits(&image), want, "{pattern} {image}");
        }
        for wrong in ["", "a b", "a:", "a@", "https://ghcr.io/a"] {
            assert!(ImagePattern::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn packages_may_be_those_of_one_manager() {
        let fits = |pattern: &str, manager: &str, name: &str| {
            PackagePattern::parse(pattern).unwrap().fits(named_manager(manager).unwrap(), name)
        };
        assert!(fits("telnet", "apk", "telnet") && !fits("telnet", "apk", "telnetd"));
        assert!(fits("pip:py*", "pip", "pycrypto") && !fits("pip:py*", "apt", "python3"));
        assert!(
            fits("pip:Py_Yaml", "uv", "py-yaml") && fits("npm:x", "yarn", "x") && !fits("apt:x", "apk", "x")
        );
        assert!(fits("apt-get:libc6:i386", "apt", "libc6:i386"));
        assert_eq!(
            PackagePattern::parse("atp:telnet").unwrap_err(),
            "`atp` is not a known package manager: did you mean `apt:`?"
        );
        assert!(PackagePattern::parse("libc6:i386").unwrap_err().contains("`apt:NAME:ARCH`"));
        assert!(PackagePattern::parse("").is_err() && PackagePattern::parse("apt:").is_err());
    }

    #[test]
    fn commands_need_a_program() {
        assert!(CommandPattern::parse(" ").is_err() && CommandPattern::parse("-k").is_err());
        assert!(CommandPattern::parse("curl").unwrap().is_program());
        assert_eq!(CommandPattern::parse(" curl  -k ").unwrap().as_str(), "curl -k");
    }
}
