//! Names of the images that jobs build, whatever they build them from.

use std::collections::BTreeSet;

use crate::images::{names, names_in_script};
use crate::yaml::Node;

use super::list;

/// How many rows of a matrix are looked at.
const MAX_ROWS: usize = 100;

/// Adds the names in the jobs of a workflow.
pub(super) fn of_workflow(document: &Node, found: &mut BTreeSet<String>) {
    for entry in document.get("jobs").and_then(Node::entries).unwrap_or_default() {
        let job = &entry.value;
        let rows = rows(job);
        for step in job.get("steps").and_then(Node::items).unwrap_or_default() {
            let environments = [step, job, document].map(|node| node.get("env"));
            let rows = if uses_matrix(step) { &rows[..] } else { &rows[..1] };
            for row in rows {
                let value = |name: &str| {
                    if let Some(key) = name.strip_prefix("matrix.") {
                        return row
                            .iter()
                            .find(|(known, _)| *known == key)
                            .map(|(_, value)| (*value).to_owned());
                    }
                    let name = name.strip_prefix("env.").unwrap_or(name);
                    let set = environments.iter().flatten().find_map(|env| env.get(name)?.text());
                    set.map(str::to_owned)
                };
                of_step(step, &value, found);
            }
        }
    }
}

/// True for a step in whose script or tags a variable of the matrix stands.
fn uses_matrix(step: &Node) -> bool {
    let inputs =
        step.get("with").and_then(Node::entries).unwrap_or_default().iter().map(|entry| &entry.value);
    step.get("run").into_iter().chain(inputs).filter_map(Node::text).any(|text| text.contains("matrix."))
}

fn of_step(step: &Node, value: &dyn Fn(&str) -> Option<String>, found: &mut BTreeSet<String>) {
    if let Some(script) = step.get("run").and_then(Node::text) {
        found.extend(names_in_script(script, value));
    }
    let action = step.get("uses").and_then(Node::text).unwrap_or_default();
    let key = match action.split('@').next().unwrap_or_default() {
        "docker/build-push-action" => "tags",
        "docker/metadata-action" => "images",
        _ => return,
    };
    let text = step.get("with").and_then(|with| with.get(key)).and_then(Node::text).unwrap_or_default();
    for (_, item) in list::items(text, false) {
        // `name=…` is what metadata-action takes as well.
        found.extend(names(item.strip_prefix("name=").unwrap_or(&item), value));
    }
}

/// What the variables of a matrix are together, as far as it says so; at least one row.
fn rows(job: &Node) -> Vec<Vec<(&str, &str)>> {
    let matrix = job.get("strategy").and_then(|strategy| strategy.get("matrix"));
    let mut rows = Vec::new();
    for entry in matrix.and_then(Node::entries).unwrap_or_default() {
        let Some(key) = entry.key.text() else { continue };
        for item in entry.value.items().unwrap_or_default() {
            match (key, item.text(), item.entries()) {
                ("include", _, Some(entries)) => {
                    let pairs = entries.iter().filter_map(|it| Some((it.key.text()?, it.value.text()?)));
                    rows.push(pairs.collect());
                }
                (_, Some(text), _) => rows.push(vec![(key, text)]),
                _ => {}
            }
        }
    }
    rows.truncate(MAX_ROWS);
    if rows.is_empty() {
        rows.push(Vec::new());
    }
    rows
}

/// Adds the names in the scripts of GitLab's jobs.
pub(super) fn of_gitlab(document: &Node, found: &mut BTreeSet<String>) {
    let global = document.get("variables");
    for entry in document.entries().unwrap_or_default() {
        let own = entry.value.get("variables");
        let value = |name: &str| {
            let set = [own, global].into_iter().flatten().find_map(|variables| variables.get(name)?.text());
            set.map(str::to_owned)
        };
        for key in ["before_script", "script"] {
            let Some(script) = entry.value.get(key) else { continue };
            let lines = script.items().map_or_else(|| vec![script], |items| items.iter().collect());
            for line in lines.into_iter().filter_map(Node::text) {
                found.extend(names_in_script(line, &value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::files::Memory;
    use crate::jobs::{Host, resolve};

    fn images(path: &str, host: Host, text: &str) -> Vec<String> {
        let memory: Memory = [(path, text)].into_iter().collect();
        resolve(&memory, Path::new(""), Path::new(path), host).images.into_iter().collect()
    }

    #[test]
    fn steps_and_scripts_of_a_workflow_tell_what_they_make() {
        let text = "env: {ORG: acme}
jobs:
  base:
    strategy: {matrix: {image: [base-one, base-two], include: [{image: base-three, x: 1}]}}
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: ${{ matrix.image }}
          tags: |
            ghcr.io/${{ env.ORG }}/${{ matrix.image }}:latest
  meta:
    steps:
      - uses: docker/metadata-action@v5
        with:
          images: name=ghcr.io/${{ github.repository_owner }}/tools
      - uses: docker/build-push-action@v6
        with: {context: ., tags: '${{ steps.meta.outputs.tags }}'}
      - run: |
          cd images
          docker build -t $ORG/late:${{ github.sha }} .
";
        let expected = [
            "acme/late",
            "ghcr.io/*/tools",
            "ghcr.io/acme/base-one",
            "ghcr.io/acme/base-three",
            "ghcr.io/acme/base-two",
        ];
        assert_eq!(images(".github/workflows/ci.yml", Host::Github, text), expected);
    }

    #[test]
    fn jobs_of_gitlab_tell_what_they_make() {
        let text = "variables: {NAME: base}
build:
  script:
    - docker build --tag $CI_REGISTRY_IMAGE/$NAME:$CI_COMMIT_SHA .
";
        assert_eq!(images(".gitlab-ci.yml", Host::Gitlab, text), ["*/base"]);
    }

    #[test]
    fn scripts_tell_what_docker_makes() {
        let script = "REPO := acme\nall:\n\tdocker build -t $(REPO)/base:$(TAG) base\n";
        assert_eq!(images("Makefile", Host::Shell, script), ["acme/base"]);
        let readme = "Run `docker build -t acme/base .`, and then:\n\n    $ docker build -t acme/app:1 app\n";
        assert_eq!(images("README.md", Host::Shell, readme), ["acme/app", "acme/base"]);
    }
}
