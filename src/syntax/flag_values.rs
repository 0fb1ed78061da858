//! What BuildKit checks of the values of flags.

use super::csv;
use super::duration::{self, DurationFault};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::flags::Flag;
use super::keyword::Keyword;
use super::mount::is_bool;
use super::platform::{self, PlatformFault};

/// Checks the flags of one instruction.
pub(super) fn check(keyword: Keyword, flags: &[Flag], errors: &mut Vec<SyntaxError>) {
    for flag in flags {
        let Some(value) = flag.value.as_deref() else { continue };
        let error = match (keyword, &*flag.name) {
            (Keyword::Copy, "from") if has_variable(value) => Some(
                invalid(flag, "`--from` of COPY cannot hold a variable")
                    .help("name a stage `FROM $IMAGE AS name` and copy from that"),
            ),
            // These are expanded first.
            (Keyword::From | Keyword::Add | Keyword::Copy, _) if value.contains('$') => None,
            (Keyword::Run, "network") => one_of(flag, value, &["default", "none", "host"]),
            (Keyword::Run, "security") => one_of(flag, value, &["sandbox", "insecure"]),
            (Keyword::Run, "device") => device(flag, value),
            (Keyword::From, "platform") if !value.is_empty() => platform(flag, value),
            (Keyword::Add | Keyword::Copy, "chmod") => (!is_mode(value)).then(|| {
                invalid(flag, format!("`{value}` is not a valid file mode"))
                    .help("write up to four octal digits, for example `755`")
            }),
            (Keyword::Healthcheck, "retries") => retries(flag, value),
            (Keyword::Healthcheck, "interval" | "timeout" | "start-period" | "start-interval") => {
                duration(flag, value)
            }
            _ => None,
        };
        errors.extend(error);
    }
}

fn invalid(flag: &Flag, message: impl Into<String>) -> SyntaxError {
    let span = if flag.value_span.is_empty() { flag.bare_name() } else { flag.value_span };
    SyntaxError::new(SyntaxErrorKind::InvalidFlagValue, span, message)
}

fn no_variable(flag: &Flag) -> SyntaxError {
    invalid(flag, format!("`--{}` takes no variables: BuildKit does not expand them here", flag.name))
        .help("write the value itself")
}

/// True if a `$` starts a variable.
fn has_variable(value: &str) -> bool {
    let starts = |c: char| c.is_alphanumeric() || "_{@*#?-$!".contains(c);
    value.split('$').skip(1).any(|rest| rest.starts_with(starts))
}

fn one_of(flag: &Flag, value: &str, all: &[&str]) -> Option<SyntaxError> {
    if all.contains(&value) {
        return None;
    }
    let mut list = String::new();
    for (i, name) in all.iter().enumerate() {
        let before = match all.len() - i {
            _ if i == 0 => "",
            1 => " or ",
            _ => ", ",
        };
        list.push_str(&format!("{before}`{name}`"));
    }
    let error = invalid(flag, format!("`--{}` takes {list}", flag.name));
    Some(match crate::text::nearest(value, all.iter().copied()) {
        Some(near) => error.meant(near),
        None => error.help("write one of these, or remove the flag"),
    })
}

/// `RUN --device=NAME,required` (`instructions/commands_rundevice.go`).
fn device(flag: &Flag, value: &str) -> Option<SyntaxError> {
    let fault = |range, message: String| {
        SyntaxError::new(SyntaxErrorKind::InvalidFlagValue, flag.part_of_value(range), message)
            .help("for example `--device=vendor.com/gpu=all,required`")
    };
    let fields = match csv::fields(value) {
        Ok(fields) => fields,
        Err(range) => return Some(fault(range, "quotes go around a whole option or nowhere".into())),
    };
    let mut named = false;
    for field in fields {
        let (key, value) = field.text.split_once('=').map_or((&*field.text, None), |(k, v)| (k, Some(v)));
        let message = match (&*key.to_ascii_lowercase(), value) {
            ("required", None) => continue,
            ("required", Some(value)) if is_bool(value) => continue,
            ("required", Some(value)) => format!("`required` takes `true` or `false`, not `{value}`"),
            ("name", Some(_)) if named => "the device has two names".to_owned(),
            (_, _) if !named => {
                named = true;
                continue;
            }
            (key, _) => format!("a device has no option `{key}`"),
        };
        return Some(fault(field.range, message));
    }
    None
}

fn platform(flag: &Flag, value: &str) -> Option<SyntaxError> {
    let fault = platform::check(value).err()?;
    let message = match fault {
        PlatformFault::Part => format!("`{value}` is not a valid platform"),
        PlatformFault::TooMany => format!("`{value}` has more parts than system, architecture and variant"),
        PlatformFault::Unknown => format!("`{value}` is neither a system nor an architecture"),
    };
    let error = SyntaxError::new(SyntaxErrorKind::InvalidPlatform, flag.value_span, message);
    Some(match platform::nearest(value) {
        Some(near) if fault == PlatformFault::Unknown => error.meant(near),
        _ => error.help("for example `linux/amd64` or `linux/arm/v7`"),
    })
}

/// Octal up to 7777, or symbolic as `u=rwX,go=rX`.
fn is_mode(text: &str) -> bool {
    let octal = || {
        let digits = text.trim_start_matches('0');
        digits.len() <= 4 && text.bytes().all(|b| (b'0'..=b'7').contains(&b))
    };
    if text.is_empty() || octal() {
        return true;
    }
    text.split(',').all(|clause| {
        let who = clause.find(|c: char| !"ugoa".contains(c)).unwrap_or(clause.len());
        let rest = &clause[who..];
        rest.starts_with(['+', '-', '=']) && rest.chars().all(|c| "+-=rwxXstugo".contains(c))
    })
}

fn retries(flag: &Flag, value: &str) -> Option<SyntaxError> {
    if has_variable(value) {
        return Some(no_variable(flag));
    }
    let fits = value.is_empty() || value.parse::<i32>().is_ok_and(|n| n >= 0);
    (!fits).then(|| {
        invalid(flag, format!("`{value}` is not a valid number of retries"))
            .help("write a whole number, for example `--retries=3`")
    })
}

fn duration(flag: &Flag, value: &str) -> Option<SyntaxError> {
    if value.is_empty() {
        return None;
    }
    if has_variable(value) {
        return Some(no_variable(flag));
    }
    let fault = |span, message: String, help: &str| {
        Some(SyntaxError::new(SyntaxErrorKind::InvalidDuration, span, message).help(help))
    };
    match duration::nanoseconds(value) {
        Ok(nanoseconds) if nanoseconds != 0.0 && nanoseconds < 1e6 => {
            let message = format!("`--{}` must be at least 1 ms, but is `{value}`", flag.name);
            fault(flag.bare_name(), message, "for example `30s`")
        }
        Ok(_) => None,
        Err(DurationFault::Number) => fault(
            flag.value_span,
            format!("`{value}` is not a valid duration"),
            "for example `30s` or `1m30s`",
        ),
        Err(DurationFault::NoUnit) => fault(
            flag.value_span,
            format!("`{value}` lacks a unit of time"),
            "write `s` for seconds, for example `30s`",
        ),
        Err(DurationFault::Unit(unit)) => {
            let message = format!("`{unit}` is not a unit of time");
            fault(flag.value_span, message, "it is one of `h`, `m`, `s`, `ms`, `us` and `ns`")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse;
    use crate::text::Source;

    /// The texts at fault.
    fn faults(line: &str) -> Vec<String> {
        let text = format!("FROM debian:12\n{line}\n");
        let file = parse(Source::from_text("Dockerfile", text.clone()));
        file.errors.iter().map(|e| e.span.text(&text).to_owned()).collect()
    }

    #[test]
    fn values_follow_buildkit() {
        for good in [
            "COPY --chmod=755 a b",
            "COPY --chmod=0000755 a b",
            "COPY --chmod=u=rwX,go=rX a b",
            "COPY --chmod=$MODE a b",
            "COPY --chmod= a b",
            "COPY --from= a b",
            "COPY --link=TRUE a b",
            "FROM --platform=$BUILDPLATFORM a",
            "FROM --platform= a",
            "RUN --network=none --security=insecure true",
            "RUN --device=vendor.com/gpu=all,required true",
            "RUN --device=name=x,required=true --device=y true",
            "HEALTHCHECK --interval=0 --timeout=0s --retries=0 CMD true",
            "HEALTHCHECK --interval= --retries=+3 CMD true",
            "HEALTHCHECK --what=ever NONE",
            "ARG --what NAME",
            "STOPSIGNAL --what SIGTERM",
        ] {
            assert_eq!(faults(good), [""; 0], "{good}");
        }
        for (bad, want) in [
            ("COPY --chmod=999 a b", "999"),
            ("COPY --chmod=10000 a b", "10000"),
            ("ADD --chmod=rwx a b", "rwx"),
            ("COPY --from=$X a b", "$X"),
            ("COPY --from=a${X}b a b", "a${X}b"),
            ("COPY --link= a b", "link"),
            ("COPY --link=yes a b", "yes"),
            ("COPY --link --link a b", "link"),
            ("COPY --chown a b", "chown"),
            ("FROM --platform=linux/ a", "linux/"),
            ("FROM --platform=arm46 a", "arm46"),
            ("RUN --network=hots true", "hots"),
            ("RUN --security= true", "security"),
            ("RUN --device=x,y true", "y"),
            ("RUN --device=x,required=y true", "required=y"),
            ("HEALTHCHECK --interval=1us CMD true", "interval"),
            ("HEALTHCHECK --interval=-1s CMD true", "interval"),
            ("HEALTHCHECK --timeout=10 CMD true", "10"),
            ("HEALTHCHECK --timeout=1d CMD true", "1d"),
            ("HEALTHCHECK --timeout=$T CMD true", "$T"),
            ("HEALTHCHECK --retries=-1 CMD true", "-1"),
            ("HEALTHCHECK --retries=1.5 CMD true", "1.5"),
        ] {
            assert_eq!(faults(bad), [want], "{bad}");
        }
    }
}
