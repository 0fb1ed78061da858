//! The files for pre-commit, GitHub and GitLab.

use super::source::Source;

/// The files that the hook gets, if they are text: Dockerfiles as a search finds them, ignore files, and the files that start builds which tools find
/// by themselves. None whose path starts with `-`, which would be an option. A regular expression of Python.
const FILES: &str = r"(?i)^([^-/][^/]*/([^/]+/)*)?(([^-/][^/]*[._-]|[._])?(docker|container)file|(docker|container)file[._-][^/]*|([^-/][^/]*)?\.(docker|container)ignore|(docker-)?compose(\.override)?\.ya?ml|docker-bake(\.override)?\.(hcl|json)|\.devcontainer\.json|\.devcontainer/([^/]+/)?devcontainer\.json)$";
/// What of these is another kind of file to a search: `Dockerfile.md`, `dockerfile.json`. In small letters, `dockerfile.py` is
/// taken for a program, since the hook cannot look into it.
const NOT_FILES: &str = r"(?i)(docker|container)file[^/]*(~|\.(md|rst|adoc|txt|pdf|html|htm|xml|svg|png|jpg|jpeg|gif|ico|webp|swp|swo|bak|orig|rej|patch|diff|json|yml|yaml|old|save|backup|disabled|part|partial|inc|proto|frag|fragment|snippet|toml|lock|cfg|ini|conf|snap|log|sum|zip|gz|tgz|tar|sig|sha256|tmpl|tpl|j2|jinja|jinja2|template|erb|ejs|eex|epp|hbs|handlebars|mustache|gotmpl|in|m4|cue|mako|liquid|twig|njk|hcl))$|(^|/)(?-i:(docker|container)file)[^/]*\.(go|py|js|mjs|cjs|ts|tsx|jsx|rs|sh|bash|zsh|ps1|bat|cmd|rb|cs|java|kt|scala|php|pl|pm|lua|vim|el|vue|css|scss|sql|c|h|cc|cpp|hpp|swift|hs|ml|nix|groovy|r|ex|exs|clj|dart|tf|mk)$";

/// The hook for the dlint on the PATH, which needs to come from nowhere.
fn installed() -> String {
    format!(
        "\
repos:
  - repo: local
    hooks:
      - id: dlint
        name: dlint
        entry: dlint
        language: system # the dlint on the PATH
        types: [text]
        files: '{FILES}'
        exclude: '{NOT_FILES}'
        require_serial: true
"
    )
}

/// `.pre-commit-config.yaml`. Without a source that pre-commit can install, the hook runs the dlint on the PATH.
pub(super) fn pre_commit(source: Option<&Source>) -> String {
    match source {
        Some(Source::Repository { address, revision }) => format!(
            "\
repos:
  - repo: {address}
    rev: {revision}
    hooks:
      - id: dlint
"
        ),
        Some(Source::Pip(spec)) => format!(
            "\
repos:
  - repo: local
    hooks:
      - id: dlint
        name: dlint
        entry: dlint
        language: python
        additional_dependencies: ['{spec}']
        types: [text]
        files: '{FILES}'
        exclude: '{NOT_FILES}'
        require_serial: true
"
        ),
        // pre-commit installs in a folder of its own, from where no path leads to the repository.
        Some(Source::Wheel(_) | Source::Archive { .. }) | None => installed(),
    }
}

/// A workflow for GitHub.
pub(super) fn github(source: &Source) -> String {
    let steps = if let Some((name, revision)) = on_github(source) {
        // Its `action.yml` runs dlint. Without a word it would install a release of that name from the public index.
        format!(
            "      - uses: {name}@{revision}\n        with:\n          version: source # built from that revision, which takes minutes\n"
        )
    } else {
        let (install, program) = commands(source, "$RUNNER_TEMP");
        let install: String = install.iter().map(|line| format!("          {line}\n")).collect();
        format!(
            "      - name: Install dlint\n        run: |\n{install}      - name: Lint Dockerfiles # findings become annotations\n        run: |\n          {program}\n"
        )
    };
    format!(
        "\
name: dlint
on: [push, pull_request]
permissions: {{}}
jobs:
  dlint:
    name: dlint
    runs-on: ubuntu-latest
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
{steps}"
    )
}

/// A job for GitLab, with a code quality report.
pub(super) fn gitlab(source: &Source) -> String {
    let image = match source {
        Source::Repository { .. } => "rust:1",
        Source::Pip(_) | Source::Wheel(_) | Source::Archive { .. } => "python:3.13",
    };
    let (install, program) = commands(source, "/tmp");
    let install: String = install.iter().map(|line| format!("    - {line}\n")).collect();
    format!(
        "\
dlint:
  stage: test
  image: {image}
  script:
{install}    - {program} --format human --format gitlab=gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"
    )
}

/// The commands that install dlint under a folder, and the one that runs it.
fn commands(source: &Source, folder: &str) -> (Vec<String>, String) {
    let quoted = |path: &str| if folder.contains('$') { format!("\"{path}\"") } else { path.to_owned() };
    let root = quoted(&format!("{folder}/dlint"));
    let program = quoted(&format!("{folder}/dlint/bin/dlint"));
    let pip = |what: &str| format!("python3 -m pip install --quiet --no-deps --target {root} {what}");
    let install = match source {
        Source::Pip(spec) => vec![pip(&format!("'{spec}'"))],
        Source::Wheel(path) => vec![pip(&format!("'./{path}'"))],
        Source::Archive { address, sha256 } => {
            let file = quoted(&format!("{folder}/dlint.tar.gz"));
            let bin = quoted(&format!("{folder}/dlint/bin"));
            let check = sha256.as_ref().map(|sha256| format!("echo '{sha256} ' {file} | sha256sum --check"));
            let get = [format!("curl -fsSL -o {file} '{address}'")];
            let unpack =
                [format!("mkdir -p {bin}"), format!("tar -xzf {file} -C {bin} --strip-components=1")];
            get.into_iter().chain(check).chain(unpack).collect()
        }
        Source::Repository { address, revision } => {
            let which = super::source::option_for(revision);
            let address = super::source::for_cargo(address);
            vec![format!(
                "cargo install --locked --root {root} --git '{address}' {which} '{revision}' dockerfile-dlint"
            )]
        }
    };
    (install, program)
}

/// `owner/name` of a repository that GitHub has, and its revision.
fn on_github(source: &Source) -> Option<(&str, &str)> {
    let Source::Repository { address, revision } = source else { return None };
    let name = address.strip_prefix("https://github.com/")?;
    let name = name.strip_suffix(".git").unwrap_or(name).trim_end_matches('/');
    (name.split('/').count() == 2).then_some((name, revision))
}
