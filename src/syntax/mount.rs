use crate::text::{ShortText, Span};

use super::csv;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::flags::Flag;
use super::word::{Escape, Word};

/// The type of a `RUN --mount`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the types")]
pub enum MountType {
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
    /// It holds a variable, or is none.
    Unknown,
}

impl MountType {
    /// All types with their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("bind", Self::Bind),
        ("cache", Self::Cache),
        ("tmpfs", Self::Tmpfs),
        ("secret", Self::Secret),
        ("ssh", Self::Ssh),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// One `key=value` of a mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountOption {
    /// The key in lower case.
    pub key: ShortText,
    /// The value; `None` without a `=`.
    pub value: Option<ShortText>,
    /// Where key and value stand; the whole flag's value where quotes move things.
    pub span: Span,
    /// True if the span covers just key and value.
    exact: bool,
}

impl MountOption {
    fn key_span(&self) -> Span {
        if self.exact { Span::of(0..self.key.len()).shift(self.span.start) } else { self.span }
    }

    /// The value as a word, whose variables BuildKit replaces unless it is that of `from`.
    #[must_use]
    pub fn value_word(&self) -> Option<Word> {
        let text = self.value.clone()?;
        Some(Word { span: self.value_span(), exact: self.exact, text, escape: Escape::Backslash })
    }

    /// Where the value stands; all of the option if it has none.
    #[must_use]
    pub fn value_span(&self) -> Span {
        let start = self.span.start as usize + self.key.len() + 1;
        match &self.value {
            Some(value) if self.exact && !value.is_empty() => Span::of(start..self.span.end as usize),
            _ => self.span,
        }
    }
}

/// A `RUN --mount=…` (BuildKit's `instructions/commands_runmount.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Its type; `bind` where none is written.
    pub kind: MountType,
    /// Where the whole flag stands.
    pub span: Span,
    /// All options in order.
    pub options: Vec<MountOption>,
}

const KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "src",
    "target",
    "dst",
    "destination",
    "readonly",
    "ro",
    "readwrite",
    "rw",
    "required",
    "size",
    "id",
    "sharing",
    "mode",
    "uid",
    "gid",
    "env",
];

const SHARING: [&str; 3] = ["shared", "private", "locked"];

/// A fault of a mount.
fn fault(span: Span, message: impl Into<String>) -> SyntaxError {
    SyntaxError::new(SyntaxErrorKind::InvalidMount, span, message)
}

/// What Go's `strconv.ParseBool` reads.
pub(super) fn is_bool(text: &str) -> bool {
    let words = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
    words.contains(&text)
}

impl Mount {
    /// The value of the first option that is called one of `keys`.
    #[must_use]
    pub fn option(&self, keys: &[&str]) -> Option<&MountOption> {
        self.options.iter().find(|o| keys.contains(&&*o.key))
    }

    /// Stage, image or named context that it mounts from.
    #[must_use]
    pub fn from(&self) -> Option<&str> {
        self.option(&["from"])?.value.as_deref()
    }

    /// The path inside `from` or the build context.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.option(&["source", "src"])?.value.as_deref()
    }

    /// The same as a word, whose variables BuildKit replaces.
    #[must_use]
    pub fn source_word(&self) -> Option<Word> {
        self.option(&["source", "src"])?.value_word()
    }

    /// Where it is mounted.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.option(&["target", "dst", "destination"])?.value.as_deref()
    }

    pub(super) fn parse(flag: &Flag, errors: &mut Vec<SyntaxError>) -> Option<Self> {
        let value = flag.value.as_deref()?;
        if value.is_empty() {
            errors.push(
                fault(flag.bare_name(), "a mount needs options")
                    .help("for example `--mount=type=cache,target=/root/.cache`"),
            );
        }
        let place = |range: std::ops::Range<usize>| flag.part_of_value(range);
        let fields = match csv::fields(value) {
            Ok(fields) => fields,
            Err(range) => {
                let message = "in a mount, quotes go around a whole option or nowhere";
                errors.push(
                    fault(place(range), message).help("for example `--mount=\"type=bind,source=a b\"`"),
                );
                Vec::new()
            }
        };
        let option = |field: csv::Field| {
            let exact = flag.exact && field.exact;
            let (key, value) = match field.text.split_once('=') {
                Some((key, value)) => (key, Some(value.into())),
                None => (&*field.text, None),
            };
            MountOption {
                key: key.to_ascii_lowercase().into(),
                value,
                span: if exact { place(field.range) } else { flag.value_span },
                exact,
            }
        };
        let options = fields.into_iter().filter(|f| !(value.is_empty() && f.text.is_empty())).map(option);
        let mut mount = Self { kind: MountType::Bind, span: flag.span, options: options.collect() };
        let before = errors.len();
        mount.read_options(errors);
        if errors.len() == before {
            mount.check_type(errors);
        }
        Some(mount)
    }

    /// Checks option by option, as BuildKit reads them: what depends on the type stands behind it.
    fn read_options(&mut self, errors: &mut Vec<SyntaxError>) {
        for option in &self.options {
            let key = &*option.key;
            let Some(value) = option.value.as_deref() else {
                match key {
                    "readonly" | "ro" | "readwrite" | "rw" => {}
                    "required" => errors.extend(self.only_for(option)),
                    _ if KEYS.contains(&key) => errors.push(
                        fault(option.span, format!("`{key}` needs a value"))
                            .help(format!("write `{key}=VALUE`")),
                    ),
                    _ => errors.push(unknown_key(option)),
                }
                continue;
            };
            if value.contains('$') {
                match key {
                    "from" if value.as_bytes()[..value.len() - 1].contains(&b'$') => errors.push(
                        fault(option.value_span(), "`from` of a mount cannot hold a variable")
                            .help("name a stage `FROM $IMAGE AS name` and mount from that"),
                    ),
                    "type" => self.kind = MountType::Unknown,
                    _ if !KEYS.contains(&key) => errors.push(unknown_key(option)),
                    _ => {}
                }
                continue;
            }
            match key {
                "type" => match MountType::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)) {
                    Some((_, kind)) => self.kind = *kind,
                    None => {
                        self.kind = MountType::Unknown;
                        let error = fault(option.value_span(), format!("`{value}` is not a mount type"));
                        errors.push(one_of(error, value, &MountType::ALL.map(|(name, _)| name)));
                    }
                },
                "sharing" if !SHARING.iter().any(|s| s.eq_ignore_ascii_case(value)) => {
                    let message = format!("`{value}` is not a way to share a cache");
                    errors.push(one_of(fault(option.value_span(), message), value, &SHARING));
                }
                "required" | "size" => {
                    let wrong_type = self.only_for(option);
                    let ok = match key {
                        "size" => is_size(value),
                        _ => is_bool(value),
                    };
                    if wrong_type.is_none() && !ok {
                        errors.push(wrong_value(option, key));
                    }
                    errors.extend(wrong_type);
                }
                "readonly" | "ro" | "readwrite" | "rw" if !is_bool(value) => {
                    errors.push(wrong_value(option, key));
                }
                "mode" if u32::from_str_radix(value, 8).is_err() || value.starts_with('+') => {
                    errors.push(wrong_value(option, key));
                }
                "uid" | "gid" if value.parse::<u32>().is_err() || value.starts_with('+') => {
                    errors.push(wrong_value(option, key));
                }
                "target" | "dst" | "destination" if is_root(value) && self.kind != MountType::Unknown => {
                    errors.push(
                        fault(option.value_span(), "nothing can be mounted over the root folder")
                            .help("name a folder below it"),
                    );
                }
                _ if KEYS.contains(&key) => {}
                _ => errors.push(unknown_key(option)),
            }
        }
    }

    /// The fault of an option that the type, as far as it is known here, does not have.
    fn only_for(&self, option: &MountOption) -> Option<SyntaxError> {
        let (fits, types): (&[MountType], _) = match &*option.key {
            "required" => (&[MountType::Secret, MountType::Ssh], "`type=secret` or `type=ssh`"),
            _ => (&[MountType::Tmpfs], "`type=tmpfs`"),
        };
        if self.kind == MountType::Unknown || fits.contains(&self.kind) {
            return None;
        }
        let message = format!("`{}` only counts after {types}", option.key);
        Some(fault(option.span, message).help("remove it, or write the type before it"))
    }

    /// Checks what the options are together.
    fn check_type(&self, errors: &mut Vec<SyntaxError>) {
        let of_type = |keys: &[&str], types: &[MountType]| {
            (self.kind != MountType::Unknown && !types.contains(&self.kind))
                .then(|| self.options.iter().find(|o| keys.contains(&&*o.key)))
                .flatten()
        };
        let set = |keys: &[&str]| self.option(keys).filter(|o| o.value.as_deref() != Some(""));
        let owners = [MountType::Secret, MountType::Ssh, MountType::Cache];
        let wrong = of_type(&["mode", "uid", "gid"], &owners)
            .or_else(|| of_type(&["sharing"], &[MountType::Cache]).filter(|_| set(&["sharing"]).is_some()));
        if let Some(option) = wrong {
            let message = format!("a mount of type `{}` has no option `{}`", self.kind.name(), option.key);
            errors.push(fault(option.span, message).help("remove it, or write the type that was meant"));
            return;
        }
        let source = set(&["source", "src"]);
        match self.kind {
            MountType::Secret => {
                if let Some(from) = set(&["from"]) {
                    errors.push(
                        fault(from.span, "a secret comes from the build, not from a stage")
                            .help("remove `from`"),
                    );
                } else if let (Some(source), Some(_)) = (source, set(&["id"])) {
                    errors.push(
                        fault(
                            source.span,
                            "`source` and `id` of a secret mean the same thing: set only one of them",
                        )
                        .help("keep `id`"),
                    );
                } else if source.or(set(&["id"])).or(set(&["target", "dst", "destination"])).is_none() {
                    errors.push(
                        fault(self.span, "this does not say which secret to mount")
                            .help("for example `--mount=type=secret,id=token`"),
                    );
                }
            }
            MountType::Ssh => errors.extend(source.map(|source| {
                fault(source.span, "an SSH mount has no source").help("name the agent's socket by `id`")
            })),
            _ => {}
        }
    }
}

fn is_root(path: &str) -> bool {
    path.starts_with('/') && path.split('/').all(|part| matches!(part, "" | "."))
}

fn wrong_value(option: &MountOption, key: &str) -> SyntaxError {
    let value = option.value.as_deref().unwrap_or("");
    let (takes, help) = match key {
        "size" => ("a size", "for example `size=64m`"),
        "mode" => ("an octal number", "for example `mode=0755`"),
        "uid" | "gid" => ("a number", "names are not looked up: write the number"),
        _ => ("`true` or `false`", "write one of these, or nothing"),
    };
    fault(option.value_span(), format!("`{key}` takes {takes}, not `{value}`")).help(help)
}

fn unknown_key(option: &MountOption) -> SyntaxError {
    if option.key.is_empty() && option.value.is_none() {
        return fault(option.span, "an option is missing between the commas").help("remove the comma");
    }
    let message = format!("a mount has no option `{}`", option.key);
    one_of(fault(option.key_span(), message), &option.key, &KEYS)
}

/// Adds what was meant, or all that is possible.
fn one_of(error: SyntaxError, word: &str, all: &[&str]) -> SyntaxError {
    match crate::text::nearest(word, all.iter().copied()) {
        Some(near) => error.meant(near),
        None => {
            let list: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
            error.help(format!("it is one of {}", list.join(", ")))
        }
    }
}

/// What `units.RAMInBytes` of Docker reads: `64m`, `1.5 GiB`.
fn is_size(text: &str) -> bool {
    let Some(last) = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ') else { return false };
    let number = text[..=last].strip_suffix(' ').unwrap_or(&text[..=last]);
    let unit = text[last + 1..].to_ascii_lowercase();
    let is_number = number.parse::<f64>().is_ok_and(|n| n >= 0.0);
    let is_unit = unit.is_empty()
        || unit == "b"
        || unit.strip_prefix(['k', 'm', 'g', 't', 'p']).is_some_and(|rest| matches!(rest, "" | "b" | "ib"));
    is_number && is_unit
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse;
    use crate::text::Source;

    /// The texts at fault.
    fn faults(mount: &str) -> Vec<String> {
        let text = format!("FROM debian:12\nRUN --mount={mount} true\n");
        let file = parse(Source::from_text("Dockerfile", text.clone()));
        file.errors.iter().map(|e| e.span.text(&text).to_owned()).collect()
    }

    #[test]
    fn mounts_follow_buildkit() {
        for good in [
            "type=secret,id=aws,env=AWS_KEY",
            "type=secret,target=/run/x,required,mode=0400,uid=0",
            "type=ssh,required=true",
            "type=cache,target=/root/.cache,sharing=Locked,uid=1000,mode=755",
            "type=tmpfs,target=/tmp,size=64m",
            "type=tmpfs,target=/tmp,size=1.5GiB",
            "target=/src,ro",
            "TYPE=Bind,Target=/src,rw=0",
            "type=$TYPE,target=/x,size=1m,mode=700",
            "type=cache,target=$DIR,id=$ID",
            "from=debian,target=/x",
        ] {
            assert_eq!(faults(good), [""; 0], "{good}");
        }
        for (bad, want) in [
            ("type=cahce,target=/x", "cahce"),
            ("type=bind,taget=/x", "taget"),
            ("type=bind,taget=$X", "taget"),
            ("type=bind,target", "target"),
            ("type=cache,target=/x,sharing=lock", "lock"),
            ("type=cache,target=/x,ro=yes", "yes"),
            ("type=cache,target=/x,mode=9", "9"),
            ("type=cache,target=/x,uid=root", "root"),
            ("type=cache,target=/", "/"),
            ("type=bind,required,target=/x", "required"),
            ("required,type=secret,id=a", "required"),
            ("type=cache,target=/x,size=1m", "size=1m"),
            ("type=tmpfs,target=/x,size=big", "big"),
            ("type=bind,target=/x,mode=755", "mode=755"),
            ("type=bind,target=/x,sharing=locked", "sharing=locked"),
            ("type=secret", "--mount=type=secret"),
            ("type=secret,id=a,src=a", "src=a"),
            ("type=secret,id=a,from=b", "from=b"),
            ("type=ssh,source=a", "source=a"),
            ("from=$IMAGE,target=/x", "$IMAGE"),
            ("type=bind,,target=/x", ""),
            ("", "mount"),
        ] {
            assert_eq!(faults(bad), [want], "{bad}");
        }
        // Quotes of the flag go first: these reach the mount.
        assert_eq!(faults("type=bind,target=\\\"/x"), ["type=bind,target=\\\"/x"]);
    }
}
