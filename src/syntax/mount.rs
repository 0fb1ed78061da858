use crate::text::Span;

use super::error::{SyntaxError, SyntaxErrorKind};
use super::flags::Flag;

/// The type of a `RUN --mount`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the types")]
pub enum MountType {
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
    /// It holds a variable.
    Unknown,
}

/// One `key=value` of a mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountOption {
    /// The key in lower case.
    pub key: Box<str>,
    /// The value; `None` without a `=`.
    pub value: Option<Box<str>>,
    /// Where key and value stand; the whole flag's value where quotes move things.
    pub span: Span,
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

const KEYS: [&str; 18] = [
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
];

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

    /// Where it is mounted.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.option(&["target", "dst", "destination"])?.value.as_deref()
    }

    pub(super) fn parse(flag: &Flag, errors: &mut Vec<SyntaxError>) -> Option<Self> {
        let value = flag.value.as_deref()?;
        let mut options = Vec::new();
        let mut at = 0;
        for field in fields(value) {
            let span = if flag.exact && value.len() == flag.value_span.len() as usize {
                Span::of(at..at + field.len()).shift(flag.value_span.start)
            } else {
                flag.value_span
            };
            at += field.len() + 1;
            let (key, value) = field.split_once('=').map_or((&*field, None), |(k, v)| (k, Some(v.into())));
            options.push(MountOption { key: key.to_ascii_lowercase().into(), value, span });
        }
        let mut mount = Self { kind: MountType::Bind, span: flag.span, options };
        mount.check(errors);
        Some(mount)
    }

    fn check(&mut self, errors: &mut Vec<SyntaxError>) {
        for option in &self.options {
            let mut fault = |message: String, help: Option<String>| {
                let error = SyntaxError::new(SyntaxErrorKind::InvalidMount, option.span, message);
                errors.push(match help {
                    Some(help) => error.help(help),
                    None => error,
                });
            };
            let value = option.value.as_deref();
            if value.is_some_and(|v| v.contains('$')) {
                match &*option.key {
                    "from" => fault(
                        "`from` of a mount cannot hold a variable".into(),
                        Some("name a stage `FROM $IMAGE AS name` and mount from that".into()),
                    ),
                    "type" => self.kind = MountType::Unknown,
                    _ => {}
                }
                continue;
            }
            match (&*option.key, value) {
                ("type", Some(kind)) => match kind.to_ascii_lowercase().as_str() {
                    "bind" => self.kind = MountType::Bind,
                    "cache" => self.kind = MountType::Cache,
                    "tmpfs" => self.kind = MountType::Tmpfs,
                    "secret" => self.kind = MountType::Secret,
                    "ssh" => self.kind = MountType::Ssh,
                    _ => {
                        self.kind = MountType::Unknown;
                        let near = crate::text::nearest(kind, ["bind", "cache", "tmpfs", "secret", "ssh"]);
                        fault(
                            format!("`{kind}` is no mount type"),
                            Some(near.map_or_else(
                                || "it is one of `bind`, `cache`, `tmpfs`, `secret`, `ssh`".into(),
                                |n| format!("did you mean `{n}`?"),
                            )),
                        );
                    }
                },
                ("sharing", Some(v))
                    if !matches!(&*v.to_ascii_lowercase(), "shared" | "private" | "locked") =>
                {
                    fault(
                        format!("`{v}` is no way of sharing a cache"),
                        Some("it is one of `shared`, `private`, `locked`".into()),
                    );
                }
                ("readonly" | "ro" | "readwrite" | "rw" | "required", Some(v))
                    if !matches!(
                        v,
                        "1" | "t"
                            | "T"
                            | "TRUE"
                            | "true"
                            | "True"
                            | "0"
                            | "f"
                            | "F"
                            | "FALSE"
                            | "false"
                            | "False"
                    ) =>
                {
                    fault(format!("`{}` takes `true` or `false`", option.key), None);
                }
                ("readonly" | "ro" | "readwrite" | "rw" | "required", None) | (_, Some(_))
                    if KEYS.contains(&&*option.key) => {}
                (key, None) if KEYS.contains(&key) => {
                    fault(format!("`{key}` needs a value"), Some(format!("write `{key}=VALUE`")));
                }
                (key, _) => {
                    let near = crate::text::nearest(key, KEYS);
                    fault(
                        format!("a mount has no option `{key}`"),
                        near.map(|n| format!("did you mean `{n}`?")),
                    );
                }
            }
        }
    }
}

/// The fields of one CSV record; a field in double quotes may hold commas.
fn fields(record: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in record.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => {
                if let Some(field) = out.last_mut() {
                    field.push(c);
                }
            }
        }
    }
    out
}
