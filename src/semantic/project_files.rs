//! The files that the description of a project names, and without which it cannot be built.

/// A file that a project needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// What it is: `readme`.
    pub what: String,
    /// Its paths beside the description; one of them has to be there.
    pub paths: Vec<String>,
}

impl NamedFile {
    fn new(what: impl Into<String>, paths: Vec<String>) -> Self {
        Self { what: what.into(), paths }
    }
}

/// The files that the project described by `text` is not built without. `file` is the name of the description.
#[must_use]
pub fn named_by_project(file: &str, text: &str, by_poetry: bool) -> Vec<NamedFile> {
    let mut named = if file.ends_with("pyproject.toml") {
        backend_files(text, by_poetry)
    } else if file.ends_with("setup.py") {
        setup_files(text)
    } else if file.ends_with("Cargo.toml") {
        cargo_files(text)
    } else {
        gem_files(text)
    };
    named.retain(|named| {
        named.paths.iter().all(|p| !p.starts_with('/') && !p.split('/').any(|part| part == ".."))
    });
    named
}

/// What a build backend of Python reads and fails without.
fn backend_files(pyproject: &str, by_poetry: bool) -> Vec<NamedFile> {
    let Ok(table) = pyproject.parse::<toml::Table>() else { return Vec::new() };
    let backend =
        table.get("build-system").and_then(|t| t.get("build-backend")).and_then(toml::Value::as_str);
    // That of setuptools only warns.
    let strict = ["hatchling", "poetry", "flit", "pdm", "uv_build", "maturin"];
    // Poetry itself takes its own backend where none is named.
    let is_strict = backend.map_or(by_poetry, |backend| strict.iter().any(|name| backend.contains(name)));
    if !is_strict {
        return Vec::new();
    }
    let tool = |name: &str| table.get("tool").and_then(|tool| tool.get(name));
    // The root of a workspace may be no package of its own.
    let is_off = |value: Option<&toml::Value>| value.and_then(toml::Value::as_bool) == Some(false);
    if is_off(tool("uv").and_then(|uv| uv.get("package")))
        || is_off(tool("poetry").and_then(|poetry| poetry.get("package-mode")))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut add = |key: &'static str, value: Option<&toml::Value>| match value {
        Some(toml::Value::String(path)) if key != "license" => found.push((key, path.clone())),
        Some(toml::Value::Table(table)) => {
            found.extend(table.get("file").and_then(toml::Value::as_str).map(|path| (key, path.to_owned())));
        }
        Some(toml::Value::Array(paths)) if key != "license" => {
            found.extend(paths.iter().filter_map(toml::Value::as_str).map(|path| (key, path.to_owned())));
        }
        _ => {}
    };
    let project = table.get("project");
    let poetry = tool("poetry");
    for own in [project, poetry].into_iter().flatten() {
        add("readme", own.get("readme"));
        add("license", own.get("license"));
    }
    found.into_iter().map(|(key, path): (&str, String)| NamedFile::new(key, vec![path])).collect()
}

/// What a `setup.py` opens to read it, whatever else it does. One that asks whether files are there is no word of this.
fn setup_files(text: &str) -> Vec<NamedFile> {
    let mut found: Vec<NamedFile> = Vec::new();
    if ["exists(", "isfile(", "is_file(", "try:"].iter().any(|asks| text.contains(asks)) {
        return found;
    }
    for line in text.lines().take(MAX_LINES).filter(|line| !line.trim_start().starts_with('#')) {
        for call in ["open(", "Path("] {
            let Some((_, rest)) = line.split_once(call) else { continue };
            let rest = rest.trim_start();
            let mut parts = rest.split(['"', '\'']);
            let (Some(""), Some(path)) = (parts.next(), parts.next()) else { continue };
            let mode = parts.nth(1).unwrap_or("");
            let writes = mode.starts_with(['w', 'a', 'x']);
            let reads =
                call == "open(" || [".read_text(", ".read_bytes(", ".open("].iter().any(|r| rest.contains(r));
            if path.is_empty()
                || path.contains(['{', '%', '*'])
                || writes
                || !reads
                || found.len() == MAX_LINES
            {
                continue;
            }
            found.push(NamedFile::new("text", vec![path.to_owned()]));
        }
    }
    found
}

/// What Cargo looks for when it reads a manifest, whatever it builds: the files of all targets that are listed, the
/// build script, and the members of a workspace. The readme counts for packing alone.
fn cargo_files(manifest: &str) -> Vec<NamedFile> {
    let Ok(table) = manifest.parse::<toml::Table>() else { return Vec::new() };
    let text = |value: Option<&toml::Value>| value.and_then(toml::Value::as_str).map(str::to_owned);
    let mut found = Vec::new();
    let package = table.get("package").and_then(toml::Value::as_table);
    let build = text(package.and_then(|p| p.get("build")));
    found.extend(build.map(|path| NamedFile::new("build script", vec![path])));
    for (kind, folder) in [("bench", "benches"), ("example", "examples"), ("test", "tests")] {
        let targets = table.get(kind).and_then(toml::Value::as_array).into_iter().flatten();
        for target in targets.filter_map(toml::Value::as_table) {
            let Some(name) = text(target.get("name")) else { continue };
            let paths = match text(target.get("path")) {
                Some(path) => vec![path],
                None => vec![format!("{folder}/{name}.rs"), format!("{folder}/{name}/main.rs")],
            };
            found.push(NamedFile::new(kind, paths));
        }
    }
    let members = table.get("workspace").and_then(|w| w.get("members")).and_then(toml::Value::as_array);
    for member in members.into_iter().flatten().filter_map(toml::Value::as_str) {
        if !member.contains(['*', '?', '[']) {
            let path = format!("{}/Cargo.toml", member.trim_start_matches("./").trim_end_matches('/'));
            found.push(NamedFile::new("manifest of a member", vec![path]));
        }
    }
    found
}

/// What a gemspec reads as it is evaluated: `File.read("VERSION")`, `require_relative "lib/a/version"`.
fn gem_files(gemspec: &str) -> Vec<NamedFile> {
    let mut found: Vec<NamedFile> = Vec::new();
    for line in gemspec.lines().take(MAX_LINES).filter(|line| !line.trim_start().starts_with('#')) {
        for (call, what, ending) in [
            ("File.read(", "text", ""),
            ("IO.read(", "text", ""),
            ("File.readlines(", "text", ""),
            ("require_relative ", "source", ".rb"),
        ] {
            let Some((_, rest)) = line.split_once(call) else { continue };
            let mut parts = rest.trim_start().split(['"', '\'']);
            let (Some(""), Some(path)) = (parts.next(), parts.next()) else { continue };
            // `#{…}` is worked out.
            if path.is_empty() || path.contains('#') || found.len() == MAX_LINES {
                continue;
            }
            let path = path.trim_start_matches("./");
            let ending = if path.ends_with(ending) { "" } else { ending };
            found.push(NamedFile::new(what, vec![format!("{path}{ending}")]));
        }
    }
    found
}

/// The most lines of a gemspec that are read.
const MAX_LINES: usize = 500;

#[cfg(test)]
mod tests {
    use super::named_by_project;

    fn named(file: &str, text: &str) -> Vec<String> {
        let named = named_by_project(file, text, false);
        named.into_iter().map(|n| format!("{} {}", n.what, n.paths.join(" "))).collect()
    }

    #[test]
    fn build_backends_read_what_a_project_names() {
        let text = "[build-system]\nbuild-backend = \"hatchling.build\"\n[project]\nreadme = \"README.md\"\n\
                    license = { file = \"LICENSE\" }\n";
        assert_eq!(named("pyproject.toml", text), ["readme README.md", "license LICENSE"]);
        let none: [&str; 0] = [];
        assert_eq!(named("pyproject.toml", &text.replace("hatchling.build", "setuptools.build_meta")), none);
        let text = "[build-system]\nbuild-backend = \"poetry.core.masonry.api\"\n[tool.poetry]\n\
                    readme = [\"a.md\", \"../b.md\"]\nlicense = \"MIT\"\n";
        assert_eq!(named("pyproject.toml", text), ["readme a.md"]);
        assert_eq!(named("pyproject.toml", &format!("{text}package-mode = false\n")), none);
        assert_eq!(named("pyproject.toml", &format!("{text}[tool.uv]\npackage = false\n")), none);
        assert_eq!(named("pyproject.toml", "x"), none);
    }

    #[test]
    fn cargo_looks_for_all_targets() {
        let text = "[package]\nname = \"a\"\nreadme = \"README.md\"\nbuild = \"make.rs\"\n[[bench]]\nname = \"speed\"\n\
                    [[test]]\nname = \"it\"\npath = \"tests/it/main.rs\"\n[workspace]\nmembers = [\"crates/*\", \"./b/\"]\n";
        assert_eq!(
            named("Cargo.toml", text),
            [
                "build script make.rs",
                "bench benches/speed.rs benches/speed/main.rs",
                "test tests/it/main.rs",
                "manifest of a member b/Cargo.toml",
            ]
        );
    }

    #[test]
    fn gemspecs_read_files() {
        let text = "require_relative \"lib/a/version\"\nGem::Specification.new do |s|\n  s.version = File.read('VERSION').strip\n\
                    # File.read('old')\n  s.description = File.read(\"#{here}/README.md\")\n  s.files = Dir['lib/**/*']\nend\n";
        assert_eq!(named("a.gemspec", text), ["source lib/a/version.rb", "text VERSION"]);
    }
}
