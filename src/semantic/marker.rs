//! Environment markers of Python requirements, as they are on Linux with CPython 3.12 on x86_64.

use std::cmp::Ordering;

/// True unless a marker says that Linux goes without the package. What is not understood does not say so.
#[must_use]
pub fn holds(marker: &str) -> bool {
    if marker.contains(['(', ')']) {
        return true;
    }
    let all = |part: &str| part.split(" and ").all(|clause| clause_holds(clause).unwrap_or(true));
    marker.split(" or ").any(all)
}

fn clause_holds(clause: &str) -> Option<bool> {
    let clause = clause.trim();
    let at = clause.find(['=', '!', '<', '>', '~'])?;
    let (name, rest) = clause.split_at(at);
    let operator_end = rest.find(|c| !matches!(c, '=' | '!' | '<' | '>' | '~'))?;
    let (operator, value) = rest.split_at(operator_end);
    let value = value.trim().trim_matches(['"', '\'']);
    let ours = match name.trim() {
        "sys_platform" => "linux",
        "platform_system" => "Linux",
        "os_name" => "posix",
        "platform_machine" => "x86_64",
        "implementation_name" => "cpython",
        "platform_python_implementation" => "CPython",
        "python_version" => return compared(versions((3, 12), value)?, operator),
        "python_full_version" => return compared(versions((3, 12), value)?, operator),
        _ => return None,
    };
    match operator {
        "==" | "===" => Some(ours == value),
        "!=" => Some(ours != value),
        _ => None,
    }
}

fn versions(ours: (u32, u32), theirs: &str) -> Option<Ordering> {
    let mut parts = theirs.trim_end_matches(".*").split('.').map(str::parse::<u32>);
    let major = parts.next()?.ok()?;
    match parts.next() {
        Some(minor) => Some(ours.cmp(&(major, minor.ok()?))),
        None => Some(ours.0.cmp(&major)),
    }
}

fn compared(order: Ordering, operator: &str) -> Option<bool> {
    Some(match operator {
        "==" | "===" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" | "~=" => order.is_ge(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn markers_are_those_of_linux() {
        for (marker, want) in [
            ("sys_platform == 'win32'", false),
            (" platform_system != \"Windows\"", true),
            ("python_version >= \"3.8\" and python_version < \"4.0\"", true),
            ("python_version<'3.11'", false),
            ("python_version < '3.9' or sys_platform == 'linux'", true),
            ("python_full_version < '3.11.3'", false),
            ("python_version == '3.*'", true),
            ("implementation_name == 'pypy' and os_name == 'posix'", false),
            ("(sys_platform == 'win32')", true),
            ("'linux' in sys_platform", true),
            ("extra == 'x'", true),
            ("", true),
        ] {
            assert_eq!(holds(marker), want, "{marker}");
        }
    }
}
