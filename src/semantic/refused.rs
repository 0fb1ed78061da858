//! What one builder refuses and another one builds, as it was seen with buildah 1.39.3 and Docker Engine 26.1.5.

use crate::syntax::{Flag, Instruction, Keyword, Kind, MountOption, MountType, SyntaxError, SyntaxErrorKind};
use crate::text::{Arrange, Span};

use super::copy::SourceKind;
use super::{Builder, CopyFrom, Model};

/// A part of an instruction that a builder refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where it is.
    pub span: Span,
    /// What it is, for a sentence: "`--link`".
    pub what: String,
    /// What to write instead.
    pub help: String,
}

impl Refused {
    /// The part at a place.
    #[must_use]
    pub fn new(span: Span, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, what: what.into(), help: help.into() }
    }
}

impl Model {
    /// True for what the builder refuses of what BuildKit refuses: others accept a few things more.
    #[must_use]
    pub fn is_refused(&self, error: &SyntaxError) -> bool {
        match self.build.builder {
            Builder::BuildKit => true,
            // To older builders it is a comment.
            Builder::Docker26 | Builder::Classic if error.kind == SyntaxErrorKind::InvalidCheck => false,
            Builder::Docker26 => true,
            Builder::Classic => !self.names_stage(error, str::eq_ignore_ascii_case),
            Builder::Podman | Builder::Buildah => !self.is_built_by_buildah(error),
        }
    }

    /// What a builder refuses though others build it, in the order of the text.
    #[must_use]
    pub fn refused_by(&self, builder: Builder) -> Vec<Refused> {
        let mut refused = Vec::new();
        if builder.is_buildkit() {
            let only = self.file.errors.iter().filter(|error| self.is_built_by_buildah(error));
            refused.extend(only.map(|error| {
                let what = format!("`{}`", error.span.text(self.file.text()));
                Refused::new(error.span, what, "only Podman and buildah know it: remove it")
            }));
        }
        for (step, instruction) in self.instructions() {
            if builder.is_buildah() {
                self.by_buildah(step, instruction, &mut refused);
            } else if builder == Builder::Docker26 {
                by_docker_26(instruction, &mut refused);
            } else if builder == Builder::Classic {
                by_classic(instruction, &mut refused);
            }
        }
        refused.arrange_by_key(|part| part.span);
        refused
    }

    /// True for what BuildKit refuses and buildah builds.
    fn is_built_by_buildah(&self, error: &SyntaxError) -> bool {
        if error.kind == SyntaxErrorKind::InvalidCheck {
            return true;
        }
        let at = self.file.instructions.partition_point(|i| i.span.end <= error.span.start);
        let Some(instruction) = self.file.instructions.get(at) else { return false };
        match error.kind {
            SyntaxErrorKind::InvalidMount => instruction.mounts.iter().any(|mount| {
                let own = mount.options.iter().find(|option| option.span.contains(error.span));
                own.is_some_and(|option| is_option_of_buildah(mount.kind, option))
            }),
            // A stage is found as it is written.
            SyntaxErrorKind::InvalidReference => self.names_stage(error, |name, image| name == image),
            // A line goes on behind two backslashes.
            SyntaxErrorKind::UnknownInstruction => {
                let before = self.file.text().get(..instruction.span.start as usize).unwrap_or("");
                before.trim_end_matches(['\n', '\r', ' ', '\t']).ends_with("\\\\")
            }
            _ => false,
        }
    }

    /// True for a FROM that is no reference to an image, and names a stage above it.
    fn names_stage(&self, error: &SyntaxError, same: impl Fn(&str, &str) -> bool) -> bool {
        let at = self.file.instructions.partition_point(|i| i.span.end <= error.span.start);
        let Some(Kind::From(from)) = self.file.instructions.get(at).map(|i| &i.kind) else { return false };
        error.kind == SyntaxErrorKind::InvalidReference
            && from.image.as_ref().is_some_and(|image| {
                let before = self.stages.iter().take_while(|stage| stage.steps.start < at);
                let mut names = before.filter_map(|stage| stage.name_word.as_ref());
                names.any(|name| same(&name.text, &image.text))
            })
    }

    fn by_buildah(&self, step: usize, instruction: &Instruction, refused: &mut Vec<Refused>) {
        for flag in &instruction.flags {
            refused.extend(self.flag_by_buildah(step, instruction.keyword, flag));
        }
        refused.extend(self.operators_by_buildah(instruction));
        for mount in &instruction.mounts {
            for option in &mount.options {
                refused.extend(option_by_buildah(mount.kind, option));
            }
        }
        if let Kind::From(from) = &instruction.kind
            && let Some(image) = &from.image
        {
            let base = self.stage_of(step).map(|stage| &stage.base);
            if let Some(super::Base::Stage(stage)) = base {
                refused.extend(self.other_case(*stage, &image.text, image.span));
            }
        }
        if let Some(copy) = self.copies_of(step).iter().find(|copy| !copy.mount)
            && let CopyFrom::Stage(stage) = copy.from
            && let Some(flag) = instruction.flag("from")
            && let Some(name) = &flag.value
            && name.parse::<usize>().is_err()
        {
            refused.extend(self.other_case(stage, name, flag.value_span));
        }
    }

    /// `${name-value}`, `${name+value}` and `${name?message}`: buildah wants a colon.
    fn operators_by_buildah(&self, instruction: &Instruction) -> Vec<Refused> {
        use Keyword::{Cmd, Entrypoint, Healthcheck, Onbuild, Run, Shell};
        if [Cmd, Entrypoint, Healthcheck, Onbuild, Run, Shell].contains(&instruction.keyword) {
            return Vec::new();
        }
        let text = instruction.arguments.text(self.file.text());
        let found = text.match_indices("${").filter(|(at, _)| !text[..*at].ends_with('\\'));
        let refused = found.filter_map(|(at, _)| {
            let inside = &text[at + 2..];
            let inside = &inside[..inside.find('}')?];
            let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
            let operator = inside[end..].chars().next().filter(|c| matches!(c, '-' | '+' | '?'))?;
            let span = Span::of(at..at + inside.len() + 3).shift(instruction.arguments.start);
            let help = format!("write `:{operator}`, which also counts where the variable is empty");
            Some(Refused::new(span, format!("`${{{inside}}}`"), help))
        });
        refused.collect()
    }

    /// A stage that is named in another case than it has.
    fn other_case(&self, stage: super::StageId, name: &str, span: Span) -> Option<Refused> {
        let own = &self.stages.get(stage)?.name_word.as_ref()?.text;
        (**own != *name && own.eq_ignore_ascii_case(name)).then(|| {
            Refused::new(span, format!("`{name}`"), format!("write `{own}`, as the stage is called"))
        })
    }

    fn flag_by_buildah(&self, step: usize, keyword: Keyword, flag: &Flag) -> Option<Refused> {
        let is_on = flag.value.as_deref().is_none_or(|value| value.eq_ignore_ascii_case("true"));
        let help = match (keyword, &*flag.name) {
            (Keyword::Copy | Keyword::Add, "link") if is_on => {
                "remove it: it only changes what the cache keeps"
            }
            (Keyword::Copy | Keyword::Add, "parents") if is_on => {
                "copy each folder by an instruction of its own"
            }
            (Keyword::Add, "unpack") => {
                "use COPY for what is not to be unpacked, and `tar` in a RUN for the rest"
            }
            (Keyword::Add, "keep-git-dir") if self.is_local(step) => {
                "remove it: it does nothing for a local source"
            }
            (Keyword::Copy | Keyword::Add, "chmod") if is_symbolic(flag) => {
                "write the mode in digits: `--chmod=0755`"
            }
            (Keyword::Run, "security" | "device") => {
                "it has no flag for this: give it to `podman build` itself"
            }
            _ => return None,
        };
        let what = match (&*flag.name, flag.value.as_deref()) {
            ("chmod", Some(value)) => format!("`--chmod={value}`"),
            (name, _) => format!("`--{name}`"),
        };
        Some(Refused::new(flag.span, what, help))
    }

    /// True if all that an instruction adds is in the build context.
    fn is_local(&self, step: usize) -> bool {
        let sources = self.copies_of(step).iter().flat_map(|copy| &copy.sources);
        let mut sources = sources.peekable();
        sources.peek().is_some() && sources.all(|source| source.kind == SourceKind::Path)
    }
}

/// A mode that is neither digits nor a variable.
fn is_symbolic(flag: &Flag) -> bool {
    let value = flag.value.as_deref().unwrap_or_default();
    !value.is_empty() && !value.contains('$') && !value.bytes().all(|b| (b'0'..=b'7').contains(&b))
}

/// A mount option that only buildah knows.
fn is_option_of_buildah(kind: MountType, option: &MountOption) -> bool {
    match &*option.key {
        // Keys are in lower case here: `Z` and `U` as well.
        "z" | "u" => matches!(kind, MountType::Bind | MountType::Cache),
        "relabel" | "bind-propagation" => kind == MountType::Bind,
        "tmpfs-size" | "tmpfs-mode" => kind == MountType::Tmpfs,
        _ => false,
    }
}

/// A mount option that BuildKit knows and buildah does not.
fn option_by_buildah(kind: MountType, option: &MountOption) -> Option<Refused> {
    let (key, value) = (&*option.key, option.value.as_deref());
    let help = match (kind, key) {
        (MountType::Secret, "env") => {
            "read the secret from its file: `TOKEN=$(cat /run/secrets/ID)`".to_owned()
        }
        (MountType::Tmpfs, "size") => {
            "write `tmpfs-size`, which BuildKit does not know, or leave it out".to_owned()
        }
        (MountType::Bind | MountType::Cache, "rw" | "readwrite" | "ro" | "readonly") => match value? {
            value if value.eq_ignore_ascii_case("true") || value == "1" => format!("write `{key}` alone"),
            _ => "leave it out, or write `rw` or `ro` alone".to_owned(),
        },
        _ => return None,
    };
    let what = value.map_or_else(|| format!("`{key}`"), |value| format!("`{key}={value}`"));
    Some(Refused::new(option.span, what, help))
}

/// RUN has no flags, and ADD and COPY no `--chmod`: "the --mount option requires BuildKit".
fn by_classic(instruction: &Instruction, refused: &mut Vec<Refused>) {
    for flag in &instruction.flags {
        let needs_buildkit = match instruction.keyword {
            Keyword::Run => true,
            Keyword::Add | Keyword::Copy => &*flag.name == "chmod",
            _ => false,
        };
        if needs_buildkit {
            let help = "build with BuildKit: `DOCKER_BUILDKIT=1`, or leave it out";
            refused.push(Refused::new(flag.span, format!("`--{}`", flag.name), help));
        }
    }
}

fn by_docker_26(instruction: &Instruction, refused: &mut Vec<Refused>) {
    let syntax = "write `# syntax=docker/dockerfile:1` as the first line, or leave it out";
    for flag in &instruction.flags {
        let is_new = match instruction.keyword {
            Keyword::Copy => matches!(&*flag.name, "parents" | "exclude"),
            Keyword::Add => matches!(&*flag.name, "exclude" | "unpack"),
            Keyword::Run => matches!(&*flag.name, "device" | "security"),
            _ => false,
        };
        if is_new {
            refused.push(Refused::new(flag.span, format!("`--{}`", flag.name), syntax));
        }
    }
    for mount in instruction.mounts.iter().filter(|mount| mount.kind == MountType::Secret) {
        let env = mount.options.iter().filter(|option| &*option.key == "env");
        refused.extend(env.map(|option| Refused::new(option.span, "`env`", syntax)));
    }
}
