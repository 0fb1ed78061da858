//! Python packages as they are asked for: words of `pip install`, lines of requirement files.

use super::marker;

/// The largest requirement file that is read, in bytes.
pub const MAX_REQUIREMENTS: usize = 64 << 10;

/// A package that is asked for by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Its name, as the index compares it.
    pub name: String,
    /// Its extras, compared likewise.
    pub extras: Vec<String>,
    /// True if something is said of its version.
    pub versioned: bool,
    /// The version that has to be it: `1.2` of `==1.2`.
    pub exact: Option<String>,
}

/// What a requirement file asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirements {
    /// The packages that are meant for Linux.
    pub wanted: Vec<Requirement>,
    /// How many lines ask for something else: other files, addresses, folders, what a variable names.
    pub unknown: usize,
}

/// A word or line: `flask[async]>=3; python_version > "3.8"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A package of the index.
    Package(Requirement),
    /// A package that Linux does not get.
    Elsewhere,
    /// A file, a folder, an address, or something that cannot be read.
    Unknown,
}

/// Reads one requirement.
#[must_use]
pub fn requirement(text: &str) -> Asked {
    let text = text.trim();
    let (text, marker) = match text.split_once(';') {
        Some((text, marker)) => (text.trim_end(), Some(marker)),
        None => (text, None),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let is_file = [".whl", ".zip", ".gz", ".bz2", ".tgz"].iter().any(|e| name.ends_with(e));
    let starts = |name: &str| name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !starts(name) || is_file {
        return Asked::Unknown;
    }
    rest = rest.trim_start();
    let mut extras = Vec::new();
    if let Some(inner) = rest.strip_prefix('[') {
        let Some((inner, behind)) = inner.split_once(']') else { return Asked::Unknown };
        extras.extend(inner.split(',').map(str::trim).filter(|e| !e.is_empty()).map(comparable));
        rest = behind.trim_start();
    }
    // `name @ https://…`, `name/folder`, `name $MORE`; `uv` has `name@1.2`.
    let versioned = rest.starts_with(['=', '<', '>', '~', '!', '(']);
    let at = rest.strip_prefix('@').is_some_and(|v| !v.starts_with(' ') && !v.contains(['/', ':']));
    if !(rest.is_empty() || versioned || at) {
        return Asked::Unknown;
    }
    if marker.is_some_and(|m| !marker::holds(m)) {
        return Asked::Elsewhere;
    }
    let exact =
        rest.strip_prefix("===").or(rest.strip_prefix("==")).or(rest.strip_prefix('@').filter(|_| at));
    let exact = exact.map(|version| version.trim().to_owned());
    let exact = exact.filter(|version| !version.is_empty() && !version.contains([',', '*', ' ', '$']));
    Asked::Package(Requirement { name: comparable(name), extras, versioned: versioned || at, exact })
}

/// Reads a requirement file.
#[must_use]
pub fn requirements(text: &str) -> Requirements {
    let mut found = Requirements::default();
    let mut joined = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = if line.trim_start().starts_with('#') { "" } else { line };
        if let Some(line) = line.strip_suffix('\\') {
            joined.push_str(line);
            joined.push(' ');
            continue;
        }
        joined.push_str(line);
        found.line(&joined);
        joined.clear();
    }
    found.line(&joined);
    found
}

impl Requirements {
    fn line(&mut self, line: &str) {
        let line = line.split_once(" #").map_or(line, |(line, _)| line).trim();
        // Options that belong to one package stand behind it.
        let line = line.split_once(" --").map_or(line, |(line, _)| line).trim_end();
        let reads = |option: &str| {
            line.strip_prefix(option).is_some_and(|rest| {
                option.len() == 2 && !rest.starts_with('-') || rest.starts_with([' ', '=']) || rest.is_empty()
            })
        };
        match line {
            "" => {}
            _ if ["-r", "-e", "--requirement", "--editable"].into_iter().any(reads) => self.unknown += 1,
            // Where from, and in which versions.
            _ if line.starts_with('-') => {}
            _ => match requirement(line) {
                Asked::Package(package) => self.wanted.push(package),
                Asked::Elsewhere => {}
                Asked::Unknown => self.unknown += 1,
            },
        }
    }
}

/// `Flask_SQLAlchemy` is `flask-sqlalchemy` to the index.
fn comparable(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(asked: &Requirement) -> String {
        let extras =
            if asked.extras.is_empty() { String::new() } else { format!("[{}]", asked.extras.join(",")) };
        format!("{}{extras}{}", asked.name, if asked.versioned { "=" } else { "" })
    }

    #[test]
    fn words_are_read() {
        for (text, want) in [
            ("flask", "flask"),
            ("Flask_SQLAlchemy>=3,<4", "flask-sqlalchemy="),
            ("uvicorn[Standard, x]==0.3", "uvicorn[standard,x]="),
            ("zope..interface (>=5)", "zope-interface="),
            ("ruff@0.4", "ruff="),
            ("tzdata; sys_platform == 'win32'", "elsewhere"),
            ("tomli ; python_version < \"3.11\"", "elsewhere"),
            ("uvloop; sys_platform != 'win32'", "uvloop"),
            (".", "?"),
            ("./x", "?"),
            ("x/y", "?"),
            ("a @ https://example.com/a.whl", "?"),
            ("git+https://example.com/a", "?"),
            ("a-1.0-py3-none-any.whl", "?"),
            ("${NAME}", "?"),
            ("a[b", "?"),
            ("", "?"),
        ] {
            let found = match requirement(text) {
                Asked::Package(package) => shown(&package),
                Asked::Elsewhere => "elsewhere".to_owned(),
                Asked::Unknown => "?".to_owned(),
            };
            assert_eq!(found, want, "{text}");
        }
    }

    #[test]
    fn files_are_read() {
        let text = "\u{feff}# all\nflask==3.0.3  # web\n\n-i https://example.com/simple\n--extra-index-url x\n-c c.txt\n\
                    requests==2.32.3 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via x\n-r more.txt\n-e .\n\
                    --requirement=more.txt\n-rmore.txt\ngit+https://example.com/a#egg=a\n  psycopg[binary]~=3.2\r\n\
                    pywin32>=1; platform_system==\"Windows\"\nlast";
        let found = requirements(text);
        let names: Vec<String> = found.wanted.iter().map(shown).collect();
        assert_eq!(names, ["flask=", "requests=", "psycopg[binary]=", "last"]);
        assert_eq!(found.unknown, 5);
    }
}
