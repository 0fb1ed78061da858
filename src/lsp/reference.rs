//! What instructions, flags, directives and options of mounts mean, in a sentence or two.

use crate::syntax::{DirectiveKind, Keyword, MountType};

/// What is known of an instruction.
pub(super) struct Instruction {
    /// How it is written, with its parts in capitals.
    pub(super) form: &'static str,
    /// The same as snippet.
    pub(super) snippet: &'static str,
    pub(super) text: &'static str,
}

/// What is known of an instruction; `None` for an unknown one.
pub(super) fn instruction(keyword: Keyword) -> Option<Instruction> {
    let (form, snippet, text) = match keyword {
        Keyword::Add => (
            "ADD [FLAGS] SOURCE… DESTINATION",
            "ADD ${1:source} ${2:destination}",
            "Adds files of the build context, downloads and Git repositories to the image. Local tar archives are unpacked. COPY does less, and is the better choice for plain files.",
        ),
        Keyword::Arg => (
            "ARG NAME[=DEFAULT]…",
            "ARG ${1:name}",
            "Declares a build argument, which `--build-arg` sets. It counts from here to the end of the stage, and is no part of the image. Before the first FROM it counts in FROM lines, and in stages that declare it again.",
        ),
        Keyword::Cmd => (
            "CMD [\"PROGRAM\", \"ARGUMENT\", …]",
            "CMD [\"${1:program}\"]",
            "Says what a container runs, or what the ENTRYPOINT gets as arguments, unless `docker run` says otherwise. Only the last one counts.",
        ),
        Keyword::Copy => (
            "COPY [FLAGS] SOURCE… DESTINATION",
            "COPY ${1:source} ${2:destination}",
            "Copies files of the build context, or with `--from` of a stage or image, into the image.",
        ),
        Keyword::Entrypoint => (
            "ENTRYPOINT [\"PROGRAM\", \"ARGUMENT\", …]",
            "ENTRYPOINT [\"${1:program}\"]",
            "Says which program a container is. As an array no shell stands in between, so the program gets the signals. Only the last one counts.",
        ),
        Keyword::Env => (
            "ENV NAME=VALUE…",
            "ENV ${1:name}=${2:value}",
            "Sets environment variables, for the rest of the build and in containers of the image.",
        ),
        Keyword::Expose => (
            "EXPOSE PORT[/PROTOCOL]…",
            "EXPOSE ${1:port}",
            "Notes on which ports a container listens. It publishes none of them.",
        ),
        Keyword::From => (
            "FROM [--platform=PLATFORM] IMAGE [AS NAME]",
            "FROM ${1:image}",
            "Starts a stage from an image, from an earlier stage, or from nothing (`scratch`).",
        ),
        Keyword::Healthcheck => (
            "HEALTHCHECK [FLAGS] CMD COMMAND",
            "HEALTHCHECK CMD ${1:command}",
            "Says how to find out whether a container still works. HEALTHCHECK NONE switches off what the base image says.",
        ),
        Keyword::Label => (
            "LABEL KEY=VALUE…",
            "LABEL ${1:key}=${2:value}",
            "Adds labels to the image, which say who made it and from what.",
        ),
        Keyword::Maintainer => (
            "MAINTAINER NAME",
            "MAINTAINER ${1:name}",
            "Names the author. MAINTAINER is deprecated: LABEL org.opencontainers.image.authors says the same.",
        ),
        Keyword::Onbuild => (
            "ONBUILD INSTRUCTION",
            "ONBUILD ${1:instruction}",
            "Keeps an instruction for the builds that start from this image: it runs there, right behind the FROM.",
        ),
        Keyword::Run => (
            "RUN [FLAGS] COMMAND",
            "RUN ${1:command}",
            "Runs a command in a new layer. What it leaves behind stays in the image, even if a later layer removes it.",
        ),
        Keyword::Shell => (
            "SHELL [\"PROGRAM\", \"ARGUMENT\", …]",
            "SHELL [\"${1:program}\", \"${2:-c}\"]",
            "Says what runs the commands of RUN, CMD, ENTRYPOINT and HEALTHCHECK that are not written as arrays.",
        ),
        Keyword::Stopsignal => (
            "STOPSIGNAL SIGNAL",
            "STOPSIGNAL ${1:signal}",
            "Says which signal stops a container. Without it that is SIGTERM.",
        ),
        Keyword::User => (
            "USER NAME[:GROUP]",
            "USER ${1:name}",
            "Says as whom the commands behind it, and containers, run: a name, or a number.",
        ),
        Keyword::Volume => (
            "VOLUME PATH…",
            "VOLUME ${1:path}",
            "Keeps folders of containers in volumes. What later instructions change in them may be lost.",
        ),
        Keyword::Workdir => (
            "WORKDIR PATH",
            "WORKDIR ${1:path}",
            "Sets the working directory for the instructions behind it and for containers, and makes it if need be.",
        ),
        Keyword::Unknown => return None,
    };
    Some(Instruction { form, snippet, text })
}

/// What a flag of an instruction does.
pub(super) fn flag(keyword: Keyword, name: &str) -> Option<&'static str> {
    Some(match (keyword, name) {
        (Keyword::Add | Keyword::Copy, "chown") => {
            "Whose the files are: `USER:GROUP`, names or numbers. Otherwise they are root's."
        }
        (Keyword::Add | Keyword::Copy, "chmod") => {
            "The permissions of the files: an octal number such as `0644`, or `u=rwX,go=rX`."
        }
        (Keyword::Add | Keyword::Copy, "link") => {
            "Makes a layer that does not depend on the ones before, so that it stays in the cache when they change."
        }
        (Keyword::Add | Keyword::Copy, "exclude") => {
            "Leaves out the files that a pattern matches. May be repeated."
        }
        (Keyword::Copy, "from") => {
            "Copies from a stage, an image or a named context, in place of the build context."
        }
        (Keyword::Copy, "parents") => {
            "Keeps the folders that a source is in: `COPY --parents src/a.c /x/` makes `/x/src/a.c`."
        }
        (Keyword::Add, "keep-git-dir") => "Keeps the folder `.git` of a repository that is added.",
        (Keyword::Add, "checksum") => {
            "The checksum of the download, as `sha256:…`, or the commit of a repository; the build fails if it is another."
        }
        (Keyword::Add, "unpack") => {
            "Whether archives are unpacked: local ones are, downloads are not, unless this says so."
        }
        (Keyword::From, "platform") => {
            "The platform of the image, such as `linux/amd64`; otherwise that of the build."
        }
        (Keyword::Run, "mount") => {
            "Mounts something for this command alone: files of the context or a stage, a cache, a secret, an SSH agent, memory."
        }
        (Keyword::Run, "network") => "The network of the command: `default`, `none` or `host`.",
        (Keyword::Run, "security") => {
            "`sandbox`, or `insecure` for a command with all rights, which the builder has to allow."
        }
        (Keyword::Run, "device") => "A device that the command may use, by its CDI name.",
        (Keyword::Healthcheck, "interval") => "The time between two checks; 30 seconds if nothing is said.",
        (Keyword::Healthcheck, "timeout") => "How long a check may take; 30 seconds if nothing is said.",
        (Keyword::Healthcheck, "start-period") => {
            "How long a container may take to start: failures do not count before that."
        }
        (Keyword::Healthcheck, "start-interval") => {
            "The time between two checks while the container starts; 5 seconds if nothing is said."
        }
        (Keyword::Healthcheck, "retries") => {
            "After how many failures a container counts as unhealthy; 3 if nothing is said."
        }
        _ => return None,
    })
}

/// Values that a flag takes, where they are few, or an example of one.
pub(super) fn flag_values(name: &str) -> &'static [&'static str] {
    match name {
        "link" | "parents" | "keep-git-dir" | "unpack" => &["true", "false"],
        "network" => &["default", "none", "host"],
        "security" => &["sandbox", "insecure"],
        "platform" => &["$BUILDPLATFORM", "$TARGETPLATFORM", "linux/amd64", "linux/arm64"],
        _ => &[],
    }
}

/// The options of a mount, with the place of each value.
pub(super) const fn mount_options(kind: MountType) -> &'static [&'static str] {
    match kind {
        MountType::Bind | MountType::Unknown => &["type", "target", "source", "from", "rw"],
        MountType::Cache => {
            &["type", "target", "id", "sharing", "from", "source", "mode", "uid", "gid", "ro"]
        }
        MountType::Tmpfs => &["type", "target", "size"],
        MountType::Secret => &["type", "id", "target", "env", "required", "mode", "uid", "gid"],
        MountType::Ssh => &["type", "id", "target", "required", "mode", "uid", "gid"],
    }
}

/// What an option of a mount means.
pub(super) fn mount_option(key: &str) -> Option<&'static str> {
    Some(match key {
        "type" => "What is mounted: `bind` (the default), `cache`, `tmpfs`, `secret` or `ssh`.",
        "target" | "dst" | "destination" => "Where it is mounted.",
        "source" | "src" => "The path that is mounted, in the build context or in what `from` names.",
        "from" => "The stage, image or named context that the files come from.",
        "id" => "The name of the cache, of the secret or of the agent's socket.",
        "sharing" => {
            "What builds at the same time do with a cache: `shared` (the default), `private` or `locked`."
        }
        "mode" => "The permissions, as an octal number.",
        "uid" => "The number of the user whose the files are.",
        "gid" => "The number of the group whose the files are.",
        "size" => "The most that the file system may hold, such as `64m`.",
        "env" => "The environment variable that holds the secret, in place of a file.",
        "required" => "Whether the build fails where the secret or the agent is missing.",
        "ro" | "readonly" => "Whether nothing can be written.",
        "rw" | "readwrite" => "Whether writing is allowed; what is written is lost.",
        _ => return None,
    })
}

/// Values that an option of a mount takes, where they are few.
pub(super) fn mount_values(key: &str) -> &'static [&'static str] {
    match key {
        "type" => &["bind", "cache", "tmpfs", "secret", "ssh"],
        "sharing" => &["shared", "private", "locked"],
        "required" | "ro" | "readonly" | "rw" | "readwrite" => &["true", "false"],
        _ => &[],
    }
}

/// What a parser directive does.
pub(super) const fn directive(kind: DirectiveKind) -> &'static str {
    match kind {
        DirectiveKind::Syntax => {
            "syntax: the image of the frontend that reads this file, such as `docker/dockerfile:1`."
        }
        DirectiveKind::Escape => {
            "escape: the character that continues lines, a backslash or a backtick. With a backtick, Windows paths need no doubled backslashes."
        }
        DirectiveKind::Check => {
            "check: which of BuildKit's checks are skipped (`skip=NAME,…` or `skip=all`), and whether the others are errors (`error=true`)."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_there_is_is_explained() {
        for (name, keyword) in Keyword::ALL {
            let known = instruction(keyword).unwrap();
            assert!(known.form.starts_with(name) && known.snippet.starts_with(name));
            for name in keyword.flags() {
                assert!(flag(keyword, name).is_some(), "{name}");
            }
        }
        for (_, kind) in MountType::ALL {
            for key in mount_options(kind) {
                assert!(mount_option(key).is_some(), "{key}");
            }
        }
    }
}
