//! Shell scripts and Makefiles of a project. They are read for what Podman and buildah build, since that shows who builds
//! a Dockerfile; what Docker builds counts only beside that.

use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::paths::{clean, join};
use crate::source::{FileId, Place};
use crate::target::{Context, Dockerfile, Target, Tool};

use super::changes::Changes;
use super::shell::{Line, commands};
use super::{BakeStep, Found, bake, compose};
use super::{MOST, command};

/// What a script builds whose Dockerfile and context are there. It is run in `folder`, or in its own.
pub(super) fn read(files: &dyn Files, folder: &Path, path: &Path, (text, file): (&str, FileId)) -> Found {
    let own = path.parent().unwrap_or(Path::new(""));
    let is_makefile = path.extension().is_none();
    let bases = if is_makefile { vec![own.to_path_buf()] } else { bases(folder, own) };
    let mut found = Found::default();
    let mut changes = Changes::default();
    for Script { start, text: script, begins } in scripts(text, is_makefile) {
        if begins {
            changes = Changes::default();
        }
        for line in commands(&script) {
            if line.leaves_folder && !goes_to_its_own(&line) {
                break;
            }
            bases.iter().for_each(|base| changes.note(&line, base, files));
            if changes.is_all() {
                break;
            }
            if !line.sure {
                continue;
            }
            let request = bases.iter().find_map(|base| compose::request(&line.words, base, files));
            let composes = &mut found.composes;
            composes
                .extend(request.filter(|request| !request.files.iter().any(|file| changes.touches(file))));
            let place =
                |range: std::ops::Range<usize>| Place::new(file, start + range.start..start + range.end);
            let baked = bases.iter().find_map(|base| bake::request(&line.words, &place, base, files));
            let step = baked.map(|(request, place)| BakeStep::of_command(request, place, &changes));
            found.add_bake(step.filter(|step| !step.is_touched()), files);
            let built = bases.iter().find_map(|base| {
                let target = command::target(&line.words, &place, "", base, files)?;
                is_there(files, &target).then_some(target)
            });
            let targets = &mut found.targets;
            if let Some(target) =
                built.filter(|target| targets.len() < MOST && !changes.touches_build(target))
            {
                let name = match target.tool {
                    Tool::Buildah => "buildah build",
                    Tool::Podman => "podman build",
                    Tool::Docker => "docker build",
                };
                targets.push(Target { name: name.to_owned(), ..target });
            }
        }
    }
    let path_of = |target: &Target| match &target.dockerfile {
        Dockerfile::File { path, .. } => Some(path.clone()),
        _ => None,
    };
    let of_podman: Vec<Option<PathBuf>> =
        found.targets.iter().filter(|target| target.tool != Tool::Docker).map(path_of).collect();
    found.targets.retain(|target| target.tool != Tool::Docker || of_podman.contains(&path_of(target)));
    found
}

/// The folders in which a script may be run.
fn bases(folder: &Path, own: &Path) -> Vec<PathBuf> {
    let mut bases = vec![clean(folder), clean(own), join(folder, "..")];
    bases.dedup();
    bases
}

/// True for `cd "$(dirname "$0")/.."` and the like, which lead to where a script belongs.
fn goes_to_its_own(line: &Line<'_>) -> bool {
    let marks = ["dirname", "BASH_SOURCE", "SCRIPT", "ROOT", "%/*", "git rev-parse"];
    marks.iter().any(|mark| line.text.contains(mark))
}

fn is_there(files: &dyn Files, target: &Target) -> bool {
    let dockerfile = matches!(&target.dockerfile, Dockerfile::File { path, .. } if files.is_file(path));
    dockerfile && matches!(&target.context, Context::Folder { path, .. } if files.is_folder(path))
}

/// What a shell runs at once.
struct Script {
    /// Where it begins in the file.
    start: usize,
    text: String,
    /// Whether it is the first of its rule, or of the file.
    begins: bool,
}

/// A whole script, or each recipe line of a Makefile with those that continue it.
fn scripts(text: &str, is_makefile: bool) -> Vec<Script> {
    if !is_makefile {
        return vec![Script { start: 0, text: text.to_owned(), begins: true }];
    }
    let mut scripts: Vec<Script> = Vec::new();
    let (mut at, mut continues, mut begins) = (0, false, true);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if continues && let Some(script) = scripts.last_mut() {
            script.text.push_str(&of_shell(line));
        } else if let Some(recipe) = line.strip_prefix('\t') {
            let marks = recipe.len() - recipe.trim_start_matches(['@', '-', '+', ' ']).len();
            scripts.push(Script { start: start + 1 + marks, text: of_shell(&recipe[marks..]), begins });
            begins = false;
        } else {
            begins |= !line.trim().is_empty() && !line.starts_with('#');
            continue;
        }
        continues = line.trim_end_matches(['\n', '\r']).ends_with('\\');
    }
    scripts
}

/// A recipe as the shell gets it, with a variable of make as one of the shell: neither is known. Of the same length.
fn of_shell(recipe: &str) -> String {
    recipe.replace("$(", "${").replace(')', "}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Memory;
    use crate::jobs::{Host, resolve};
    use crate::target::listed;

    fn built(script: &str, text: &str) -> String {
        let names = ["top/Dockerfile", "top/app/Containerfile", "top/docker/web.Dockerfile"];
        let files: Memory =
            names.map(|name| (name, "FROM a\n")).into_iter().chain([(script, text)]).collect();
        listed(&resolve(&files, Path::new("top"), Path::new(script), Host::Shell))
    }

    #[test]
    fn what_podman_and_buildah_build_is_read() {
        let text = "set -e\nif command -v podman; then\n  podman build -t x --build-arg A=1 .\nfi\nsudo buildah bud -f docker/web.Dockerfile\npodman build app\n";
        let want = "podman build: top top/Dockerfile A=1\nbuildah build: top top/docker/web.Dockerfile\npodman build: top/app top/app/Containerfile\n";
        assert_eq!(built("top/build.sh", text), want);
        assert_eq!(built("top/scripts/build.sh", text), want);
        assert_eq!(built("top/build.sh", "docker build .\n"), "");
        let both = "docker build . || podman build .\ndocker build app\n";
        assert_eq!(
            built("top/build.sh", both),
            "docker build: top top/Dockerfile\npodman build: top top/Dockerfile\n"
        );
        // The same where the top is the current folder.
        let files: Memory = [("Dockerfile", "FROM a\n"), ("build.sh", both)].into_iter().collect();
        let here = listed(&resolve(&files, Path::new("."), Path::new("build.sh"), Host::Shell));
        assert_eq!(here, "docker build: . Dockerfile\npodman build: . Dockerfile\n");
        assert_eq!(built("top/build.sh", "podman build $DIR\npodman build nowhere\n"), "");
        assert_eq!(built("top/build.sh", "cd somewhere\npodman build .\n"), "");
        // What is written before is not what is read here, and neither is another commit.
        for before in [
            "git checkout v1",
            "git checkout \"$TAG\"",
            "sed -i \"s/x/$(git rev-parse HEAD)/\" Dockerfile",
            "cp app/Containerfile Dockerfile",
            "envsubst < Dockerfile.in > Dockerfile",
            "mv Dockerfile old",
            "cp docker/Dockerfile .",
            "cp a \"$DIR/Dockerfile\"",
        ] {
            assert_eq!(built("top/build.sh", &format!("{before}\npodman build .\n")), "", "{before}");
        }
        for before in [
            "git checkout -b new",
            "git checkout -- .",
            "git fetch",
            "sed 's/x/y/' Dockerfile",
            "cp Dockerfile old",
            "echo x > /dev/null",
            "cp a \"$DIR/b\"",
        ] {
            let want = "podman build: top top/Dockerfile\n";
            assert_eq!(built("top/build.sh", &format!("{before}\npodman build .\n")), want, "{before}");
        }
        let own = "cd \"$(dirname \"$0\")/..\"\npodman build .\n";
        assert_eq!(built("top/hack/build.sh", own), "podman build: top top/Dockerfile\n");
    }

    #[test]
    fn files_that_commands_of_compose_name_are_read() {
        let built = |script: &str, command: &str| {
            let text = format!("x:\n\t{command}\n");
            let files = [
                ("top/Makefile", text.as_str()),
                ("top/ci/run.sh", command),
                ("top/ci/stack.yml", "services: {web: {build: {context: ., args: {A: '${A}'}}}}\n"),
                ("top/ci/more.yml", "services: {web: {build: {target: x}}}\n"),
                ("top/compose.yaml", "services: {web: {build: .}}\n"),
                ("top/a.env", "A=1\n"),
                ("top/ci/Dockerfile", "FROM a\n"),
            ];
            let files: Memory = files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
            listed(&resolve(&files, Path::new("top"), Path::new(script), Host::Shell))
        };
        let makefile = |command: &str| built("top/Makefile", command);
        let plain = "web: top/ci top/ci/Dockerfile A=\n";
        assert_eq!(makefile("docker compose -f ci/stack.yml build"), plain);
        assert_eq!(makefile("@docker-compose -p $(NAME) --file=ci/stack.yml up -d --build"), plain);
        assert_eq!(built("top/ci/run.sh", "podman compose -fci/stack.yml build web\n"), plain);
        assert_eq!(
            makefile("docker compose -f ci/stack.yml --env-file a.env -f ci/more.yml build"),
            "web: top/ci top/ci/Dockerfile stage x A=1\n"
        );
        assert_eq!(makefile("docker compose --env-file /dev/null --file ci/stack.yml up"), plain);
        let other = "docker compose --project-directory other --env-file=a.env -f ci/stack.yml up";
        assert_eq!(makefile(other), "web: top/other top/other/Dockerfile A=1\n");
        // What is found anyway, is not there, is written before, or is not sure.
        for command in [
            "docker compose -f compose.yaml build",
            "docker compose build",
            "docker compose -f ci/gone.yml build",
            "docker compose -f $(FILE) -f ci/stack.yml build",
            "docker compose -f ci/stack.yml --unknown x build",
            "docker compose -f ci/stack.yml ps",
            "envsubst < x > ci/stack.yml && docker compose -f ci/stack.yml build",
        ] {
            assert_eq!(makefile(command), "", "{command}");
        }
    }

    #[test]
    fn bake_files_that_commands_name_are_read() {
        let built = |script: &str, command: &str| {
            let text = format!("SET = 1\nx:\n\t{command}\n");
            let files = [
                ("top/Makefile", text.as_str()),
                ("top/ci/run.sh", command),
                (
                    "top/ci/images.hcl",
                    "variable \"V\" { default = \"1\" }\nvariable \"SET\" { default = \"s\" }\n\
                     group \"default\" { targets = [\"web\"] }\n\
                     target \"web\" {\n  context = \"web\"\n  args = { V = V, SET = SET }\n}\n\
                     target \"api\" { dockerfile = \"D\" }\n",
                ),
                ("top/ci/more.hcl", "target \"api\" { context = \"api\" }\n"),
                ("top/docker-bake.hcl", "target \"default\" {}\n"),
            ];
            let files: Memory = files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
            listed(&resolve(&files, Path::new("top"), Path::new(script), Host::Shell))
        };
        let makefile = |command: &str| built("top/Makefile", command);
        let (web, api) = ("web: top/web top/web/Dockerfile SET=? V=1\n", "api: top top/D\n");
        assert_eq!(makefile("docker buildx bake -f ci/images.hcl"), format!("{web}{api}"));
        assert_eq!(makefile("@docker bake --push --file=ci/images.hcl web"), web);
        assert_eq!(built("top/ci/run.sh", "docker buildx bake -fci/images.hcl api\n"), api);
        let set = "V=3 docker buildx bake -f ci/images.hcl --set web.args.SET=2 --set='*.cache-from=x' web";
        assert_eq!(makefile(set), "web: top/web top/web/Dockerfile SET=2 V=3\n");
        assert_eq!(
            makefile("docker buildx bake -f ci/images.hcl -f ci/more.hcl --builder $(B) api"),
            "api: top/api top/api/D\n"
        );
        assert_eq!(
            makefile("docker buildx bake -f ci/images.hcl --set web.args.V=$(T) --set 'web.context=a' web"),
            "web: top/a top/a/Dockerfile SET=? V=?\n"
        );
        // Nobody knows which of them.
        assert_eq!(makefile("docker buildx bake -f ci/images.hcl $(NAMES)"), format!("{web}{api}"));
        assert_eq!(
            built("top/ci/run.sh", ". ./env\ndocker bake -f ci/images.hcl web\n"),
            web.replace("V=1", "V=?")
        );
        // What is found anyway, is not there, is written before, is refused, or is not sure.
        for command in [
            "docker buildx bake",
            "docker buildx bake -f docker-bake.hcl",
            "docker buildx bake -f ci/gone.hcl",
            "docker buildx bake -f $(FILE) -f ci/images.hcl",
            "docker buildx bake -f ci/images.hcl --unknown x",
            "docker buildx bake -f ci/images.hcl --set $(SET)",
            "docker buildx bake -f ci/images.hcl gone",
            "docker buildx build -f ci/images.hcl .",
            "envsubst < x > ci/images.hcl && docker buildx bake -f ci/images.hcl",
        ] {
            assert_eq!(makefile(command), "", "{command}");
        }
    }

    #[test]
    fn makefiles_run_each_line_by_itself() {
        let text = "IMG = x\nall:\n\tcd app && podman build .\n\t@podman build -t $(IMG) \\\n\t\t--build-arg A=$$B .\n# podman build app\n\t$(TOOL) build app\n";
        assert_eq!(built("top/Makefile", text), "podman build: top top/Dockerfile A=?\n");
        let text = "a:\n\tcp x Dockerfile\n\tpodman build .\nb:\n\tpodman build --build-arg B=1 .\n";
        assert_eq!(built("top/Makefile", text), "podman build: top top/Dockerfile B=1\n");
    }
}
