//! What builds programs, and what of it a program that runs does not need.

use crate::knowledge::{COMPILER_PACKAGES, Trait, build_subcommands, native_subcommands, program_is};
use crate::shell::Word;
use crate::syntax::ImageRef;

use super::Cmd;

/// Those that only call compilers.
const DRIVERS: [&str; 3] = ["make", "cmake", "ninja-build"];

impl Cmd<'_> {
    /// True if it builds a program.
    #[must_use]
    pub fn builds_program(&self) -> bool {
        does(self, build_subcommands(self.program()))
    }

    /// True if it installs packages of a language, which may compile native code.
    #[must_use]
    pub fn installs_native(&self) -> bool {
        let operands = || self.operands().into_iter().map(|w| w.static_prefix());
        // Gems that are Ruby alone.
        let pure =
            |name: &str| matches!(name.split(':').next(), Some("bundler" | "rake" | "rubygems-update"));
        let is_pure = self.program() == "gem" && operands().next().is_some() && operands().all(pure);
        does(self, native_subcommands(self.program())) && !is_pure
    }

    /// True if it always builds or installs natively, so that it has no subcommand for that.
    #[must_use]
    pub fn only_builds(&self) -> bool {
        let own = [build_subcommands(self.program()), native_subcommands(self.program())];
        own.into_iter().flatten().any(<[&str]>::is_empty)
    }

    /// True if, where it is what runs, it needs the tools of the build, or may.
    #[must_use]
    pub fn needs_toolchain(&self) -> bool {
        program_is(self.program(), Trait::NeedsToolchain)
    }

    /// True for `npm run dev`, `dotnet watch`, and the like.
    #[must_use]
    pub fn is_dev_server(&self) -> bool {
        is_dev_server(self)
    }

    /// True for `npm run build` and its like.
    #[must_use]
    pub fn builds_front_end(&self) -> bool {
        builds_front_end(self)
    }
}

/// True for `npm run dev`, `dotnet watch`, and the like.
fn is_dev_server(cmd: &Cmd<'_>) -> bool {
    let says = |w: &Word| {
        let text = w.static_prefix();
        text.split([':', '-', '.', '/'])
            .any(|part| matches!(part, "dev" | "develop" | "development" | "watch" | "nodemon"))
    };
    let is_dotnet = cmd.program() == "dotnet";
    matches!(cmd.program(), "nodemon" | "ts-node" | "ts-node-dev" | "vite" | "tsx")
        || matches!(cmd.program(), "npm" | "npx" | "yarn" | "pnpm" | "bun" | "ng" | "next")
            && cmd.args().iter().any(says)
        || is_dotnet && cmd.args().first().is_some_and(|w| w.is("run") || w.is("watch") || w.is("test"))
}

/// True if it is called with one of the subcommands, if it has any.
fn does(cmd: &Cmd<'_>, subcommands: Option<&[&str]>) -> bool {
    subcommands.is_some_and(|subcommands| {
        let named = |w: &Word| {
            // `:app:build` is the task of a project.
            w.as_str().is_some_and(|w| subcommands.contains(&w.rsplit(':').next().unwrap_or(w)))
        };
        // `go install tool@version` installs a tool of somebody else.
        let foreign = |w: &Word| cmd.program() == "go" && w.static_prefix().contains('@');
        let asks = cmd.args().iter().any(|w| w.is("--version") || w.is("--help") || w.is("-v"));
        (subcommands.is_empty() || cmd.args().iter().any(named)) && !cmd.args().iter().any(foreign) && !asks
    })
}

/// The runtime image in the version of Java that the tag of `image` names: 17 of `3.9-eclipse-temurin-17`.
#[must_use]
pub fn runtime_of_version(image: &ImageRef, runtime: &str) -> String {
    let java = || {
        let tag = image.tag.as_deref()?;
        let vendor =
            ["temurin-", "openjdk-", "corretto-", "jdk-", "jdk"].iter().find_map(|v| tag.split_once(v))?;
        let digits = vendor.1.bytes().take_while(u8::is_ascii_digit).count();
        let version = vendor.1.get(..digits).filter(|v| matches!(v.len(), 1 | 2))?;
        Some(format!("{}:{version}-jre", runtime.strip_suffix("-jre")?.split_once(':')?.0))
    };
    java().unwrap_or_else(|| runtime.to_owned())
}

/// The tag of Temurin with the runtime alone: `21-jre-alpine` for `21-jdk-alpine` and `21-alpine`.
#[must_use]
pub fn jre_tag(tag: &str) -> Option<String> {
    let mut parts: Vec<&str> = tag.split('-').collect();
    let version = parts.first().filter(|v| v.starts_with(|c: char| c.is_ascii_digit()))?;
    // Its first releases had no such image.
    if parts.contains(&"jre") || version.contains("ea") || parts.len() > 4 {
        return None;
    }
    match parts.iter().position(|part| *part == "jdk") {
        Some(at) => parts[at] = "jre",
        None => parts.insert(1, "jre"),
    }
    Some(parts.join("-"))
}

/// True for a package that is a compiler or brings one.
#[must_use]
pub fn is_compiler(name: &str) -> bool {
    let versioned = ["gcc-", "g++-", "clang-"]
        .iter()
        .any(|p| name.strip_prefix(p).is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit())));
    versioned || COMPILER_PACKAGES.contains(&name)
}

/// True for a package that only calls compilers, as `make` does.
#[must_use]
pub fn is_build_driver(name: &str) -> bool {
    DRIVERS.contains(&name)
}

/// True for packages that a compiler reads, and a program that runs does not.
#[must_use]
pub fn is_headers(name: &str) -> bool {
    name.ends_with("-dev") || name.ends_with("-devel") || name == "linux-headers"
}

/// True for `npm run build` and its like.
fn builds_front_end(cmd: &Cmd<'_>) -> bool {
    let mut words = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-'));
    let (first, second) = (words.next(), words.next());
    let is = |word: Option<&Word>, text: &str| word.is_some_and(|w| w.is(text));
    match cmd.program() {
        "npm" | "bun" => is(first, "run") && is(second, "build"),
        "yarn" | "pnpm" => is(first, "build") || is(first, "run") && is(second, "build"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::jre_tag;

    #[test]
    fn a_tag_of_the_runtime_comes_from_that_of_the_tools() {
        for (tag, want) in [
            ("21", Some("21-jre")),
            ("21-jdk", Some("21-jre")),
            ("21-alpine", Some("21-jre-alpine")),
            ("17.0.9_9-jdk-jammy", Some("17.0.9_9-jre-jammy")),
            ("21-jre-alpine", None),
            ("latest", None),
        ] {
            assert_eq!(jre_tag(tag).as_deref(), want, "{tag}");
        }
    }
}
