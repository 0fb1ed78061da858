//! Values that Compose parses once a project is whole: for what it cannot parse, it refuses all of it.
//!
//! What any version since 2.26 accepts is left alone.

use std::net::IpAddr;

use super::convert::problem;
use super::schema::is_boolean_word;
use super::value::{Map, Scalar, Value};
use crate::problem::{Problem, quoted};

/// What a text must be.
#[derive(Clone, Copy)]
enum Wanted {
    Boolean,
    Number,
    Size,
    Duration,
    PullPolicy,
}

/// Keys of a build.
const BUILD: [(&[&str], Wanted); 4] = [
    (&["no_cache"], Wanted::Boolean),
    (&["privileged"], Wanted::Boolean),
    (&["pull"], Wanted::Boolean),
    (&["shm_size"], Wanted::Size),
];

/// Keys of a service. What becomes a number or a boolean before files are merged is checked there.
const SERVICE: [(&[&str], Wanted); 22] = [
    (&["attach"], Wanted::Boolean),
    (&["blkio_config", "weight"], Wanted::Number),
    (&["deploy", "resources", "limits", "memory"], Wanted::Size),
    (&["deploy", "resources", "reservations", "memory"], Wanted::Size),
    (&["deploy", "restart_policy", "delay"], Wanted::Duration),
    (&["deploy", "restart_policy", "window"], Wanted::Duration),
    (&["deploy", "rollback_config", "delay"], Wanted::Duration),
    (&["deploy", "rollback_config", "monitor"], Wanted::Duration),
    (&["deploy", "update_config", "delay"], Wanted::Duration),
    (&["deploy", "update_config", "monitor"], Wanted::Duration),
    (&["healthcheck", "interval"], Wanted::Duration),
    (&["healthcheck", "start_interval"], Wanted::Duration),
    (&["healthcheck", "start_period"], Wanted::Duration),
    (&["healthcheck", "timeout"], Wanted::Duration),
    (&["mem_limit"], Wanted::Size),
    (&["mem_reservation"], Wanted::Size),
    (&["mem_swappiness"], Wanted::Size),
    (&["memswap_limit"], Wanted::Size),
    (&["pull_policy"], Wanted::PullPolicy),
    (&["shm_size"], Wanted::Size),
    (&["stop_grace_period"], Wanted::Duration),
    (&["tmpfs", "size"], Wanted::Size),
];

impl Wanted {
    fn takes(self, scalar: &Scalar, text: &str) -> bool {
        match self {
            Self::Boolean => is_boolean_word(scalar),
            // Not even one that is written as a text.
            Self::Number => false,
            Self::Size => size(text).is_some(),
            Self::Duration => is_duration(text),
            Self::PullPolicy => {
                let words =
                    ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
                words.iter().any(|word| text.contains(word)) || text.contains("every_")
            }
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Boolean => "`true` or `false`",
            Self::Number => "a number",
            Self::Size => "a size such as `512m`",
            Self::Duration => "a duration such as `1m30s`",
            Self::PullPolicy => "`always`, `missing`, `never` or `build`",
        }
    }
}

/// Checks the values of all services.
pub(super) fn check(model: &Map, all_known: bool) -> Result<(), Problem> {
    let Some(services) = model.get("services").and_then(Value::map) else { return Ok(()) };
    let check = Check { all_known };
    for (name, entry) in &services.entries {
        let Some(service) = entry.value.map() else { continue };
        let path = format!("services.{name}");
        SERVICE.iter().try_for_each(|(keys, wanted)| check.text(service, &path, keys, *wanted))?;
        check.hosts(service.get("extra_hosts"))?;
        check.ports(service.get("ports"))?;
        let Some(build) = service.get("build").and_then(Value::map) else { continue };
        let path = format!("{path}.build");
        BUILD.iter().try_for_each(|(keys, wanted)| check.text(build, &path, keys, *wanted))?;
        check.hosts(build.get("extra_hosts"))?;
        check.limits(build.get("ulimits"))?;
        check.ssh(build.get("ssh"))?;
    }
    Ok(())
}

struct Check {
    all_known: bool,
}

impl Check {
    /// The text of a value, unless it is none, or not all of it is known.
    fn known<'v>(&self, value: &'v Value) -> Option<&'v str> {
        let scalar = value.scalar()?;
        let unset = scalar.interpolation().is_some_and(|interpolation| !interpolation.unset.is_empty());
        scalar.text().filter(|_| self.all_known || !unset)
    }

    fn text(&self, map: &Map, path: &str, keys: &[&str], wanted: Wanted) -> Result<(), Problem> {
        let Some((last, parents)) = keys.split_last() else { return Ok(()) };
        let holder = parents.iter().try_fold(map, |map, key| Some(&**map.get(key)?.map()?));
        let Some(value) = holder.and_then(|map| map.get(last)) else { return Ok(()) };
        let (Some(text), Some(scalar)) = (self.known(value), value.scalar()) else { return Ok(()) };
        if wanted.takes(scalar, text) {
            return Ok(());
        }
        let key = quoted(&format!("{path}.{}", keys.join(".")));
        Err(problem(scalar.place(), format!("{key} must be {}, but is {}", wanted.what(), quoted(text))))
    }

    /// `host=address` or `host:address`.
    fn hosts(&self, hosts: Option<&Value>) -> Result<(), Problem> {
        for item in hosts.and_then(Value::list).unwrap_or_default() {
            let Some(text) = self.known(item) else { continue };
            if !text.contains(['=', ':']) {
                let message = format!("the host {} has no address: write `host=address`", quoted(text));
                return Err(problem(item.place(), message));
            }
        }
        Ok(())
    }

    /// The limits of a build are numbers, and no texts.
    fn limits(&self, limits: Option<&Value>) -> Result<(), Problem> {
        let Some(limits) = limits.and_then(Value::map) else { return Ok(()) };
        for (name, entry) in &limits.entries {
            let text = entry.value.text();
            if let Some(text) = text.filter(|_| self.all_known || self.known(&entry.value).is_some()) {
                let message = format!(
                    "the limit {} of a build must be a number, but is the text {}",
                    quoted(name),
                    quoted(text)
                );
                return Err(problem(entry.value.place(), message));
            }
        }
        Ok(())
    }

    /// `default`, or `id=path`.
    fn ssh(&self, keys: Option<&Value>) -> Result<(), Problem> {
        for item in keys.and_then(Value::list).unwrap_or_default() {
            let Some(text) = self.known(item) else { continue };
            if text != "default" && !text.contains('=') {
                let message = format!("the key {} is neither `default` nor `id=path`", quoted(text));
                return Err(problem(item.place(), message));
            }
        }
        Ok(())
    }

    fn ports(&self, ports: Option<&Value>) -> Result<(), Problem> {
        for item in ports.and_then(Value::list).unwrap_or_default() {
            if let Some(text) = self.known(item).filter(|text| !is_port(text)) {
                let message =
                    format!("{} is not a port: write `[[address:]port:]port[/protocol]`", quoted(text));
                return Err(problem(item.place(), message));
            }
        }
        Ok(())
    }
}

/// A number of bytes, or a number with one of the letters of units.
pub(super) fn size(text: &str) -> Option<f64> {
    if text.parse::<i64>().is_ok() {
        return text.parse().ok();
    }
    let last = text.rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '))?;
    let (number, unit) = text.split_at(last + 1);
    let number: f64 = number.strip_suffix(' ').unwrap_or(number).parse().ok()?;
    let unit = unit.to_ascii_lowercase();
    let power = match unit.as_bytes() {
        [] | [b'b'] => 0,
        [letter] | [letter, b'b'] | [letter, b'i', b'b'] => {
            let at = b"kmgtp".iter().position(|known| known == letter)?;
            i32::try_from(at).ok()? + 1
        }
        _ => return None,
    };
    (number >= 0.0).then(|| (number * 1024_f64.powi(power)).trunc())
}

/// Numbers with units, one behind the other, the largest of which are weeks.
fn is_duration(text: &str) -> bool {
    const UNITS: [&str; 10] = ["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w"];
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = &rest[..rest.len() - behind.len()];
        let unit = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        if !number.contains(|c: char| c.is_ascii_digit()) || !UNITS.contains(&&behind[..unit]) {
            return false;
        }
        rest = &behind[unit..];
    }
    true
}

/// `[[address:]port:]port[/protocol]`, where a port may be a range.
fn is_port(text: &str) -> bool {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (outside, container) = ports.rsplit_once(':').unwrap_or(("", ports));
    let (address, host) = match outside.rsplit_once(':') {
        Some((address, host)) => (address, host),
        None => ("", outside),
    };
    let address = address.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(address);
    matches!(&*protocol.to_ascii_lowercase(), "tcp" | "udp" | "sctp" | "")
        && is_range(container)
        && (host.is_empty() || is_range(host))
        && (address.is_empty() || address.parse::<IpAddr>().is_ok())
}

fn is_range(text: &str) -> bool {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    matches!((from.parse::<u16>(), to.parse::<u16>()), (Ok(from), Ok(to)) if from <= to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_durations_and_ports_are_read_as_compose_reads_them() {
        for (text, fits) in [
            ("1g", true),
            ("512 MB", true),
            ("1.5GiB", true),
            ("-1", true),
            ("64b", true),
            ("", false),
            ("abc", false),
            ("1gbx", false),
            ("1 2", false),
            ("5zb", false),
            ("-1g", false),
        ] {
            assert_eq!(size(text).is_some(), fits, "{text}");
        }
        assert_eq!((size("1.5k"), size("2 MiB"), size("-1")), (Some(1536.0), Some(2_097_152.0), Some(-1.0)));
        for (text, fits) in [
            ("1m30s", true),
            ("1.5h", true),
            ("0", true),
            ("2w3d", true),
            ("100µs", true),
            ("", false),
            ("5", false),
            ("5x", false),
            ("s", false),
            ("1 m", false),
        ] {
            assert_eq!(is_duration(text), fits, "{text}");
        }
        for (text, fits) in [
            ("80", true),
            ("80:8080", true),
            (":80", true),
            ("127.0.0.1::80", true),
            ("[::1]:80:90/udp", true),
            ("8000-8001:9000-9001", true),
            ("abc", false),
            ("80:", false),
            ("80:90:100:110:120", false),
            ("host:80:90", false),
            ("99999", false),
            ("80/xyz", false),
        ] {
            assert_eq!(is_port(text), fits, "{text}");
        }
    }
}
