use std::fs;

use tempfile::TempDir;

use super::*;
use crate::config::Settings;
use crate::context::Progress;
use crate::context::Scan;
use crate::diag::Applicability;
use crate::engine::Fixing;
use crate::engine::opened::Opened;
use crate::text::Source;
use crate::workspace::{DockerfileSource, TargetOrigin};

fn write(root: &Path, path: &str, content: &str) -> PathBuf {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

fn inputs(paths: &[PathBuf]) -> Vec<Input> {
    let input = |path: &PathBuf| Input { path: path.clone(), kind: InputKind::Dockerfile };
    paths.iter().map(input).collect()
}

fn lint(context: ContextSource, paths: &[PathBuf]) -> (Vec<Outcome>, u64) {
    lint_targets(&|path| Target { context: context.clone(), ..Target::of_file(path) }, paths)
}

/// Lints Dockerfiles as what is built of them, and says how many contexts were walked.
fn lint_targets(target: &(dyn Fn(&Path) -> Target + Sync), paths: &[PathBuf]) -> (Vec<Outcome>, u64) {
    let settings = Arc::new(Settings::default());
    let progress = Progress::default();
    let run = Run {
        settings: &|_| Arc::clone(&settings),
        target,
        targets: None,
        files: &Files::default(),
        progress: Some(&progress),
        fixing: None,
        shellcheck: None,
        seen: None,
    };
    let outcomes = run.all(&inputs(paths));
    (outcomes, progress.walks())
}

/// What the walk says to each of the Dockerfiles.
fn facts(context: &ContextSource, paths: &[PathBuf]) -> Vec<Option<Scan>> {
    let inputs = inputs(paths);
    let settings = Arc::new(Settings::default());
    let target = |path: &Path| Target { context: context.clone(), ..Target::of_file(path) };
    let run = Run {
        settings: &|_| Arc::clone(&settings),
        target: &target,
        targets: None,
        files: &Files::default(),
        progress: None,
        fixing: None,
        shellcheck: None,
        seen: None,
    };
    let mut facts: Vec<Option<Scan>> = vec![None; paths.len()];
    let jobs: Vec<Job<'_>> =
        inputs.iter().enumerate().flat_map(|(number, input)| Job::of(&run, number, input)).collect();
    for group in groups(&run, &jobs, &Early::default()).1 {
        let asked: Vec<_> =
            group.jobs.iter().map(|at| Asked::read(&run, &jobs[*at], &Room::new(0), None)).collect();
        let views = asked.iter().map(|(_, queries)| queries.clone()).collect();
        let first = &inputs[group.jobs[0]].path;
        let ignore_files = dockerignore::candidates(first, &group.root);
        let ignore = load_first(run.files, group.dialect, ignore_files, &mut Vec::new());
        let walked = Walked::new(run.files, &group.root, ignore, views, None, &mut Vec::new());
        for (at, number) in group.jobs.iter().enumerate() {
            facts[*number] = walked.as_ref().map(|w| w.context(at, Reads::default(), None).scan);
        }
    }
    facts
}

fn project() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "src/a.js", "12345");
    write(dir.path(), "node_modules/m/i.js", "1234567890");
    dir
}

#[test]
fn dockerfiles_of_one_context_get_different_facts() {
    let dir = project();
    let all = write(dir.path(), "Dockerfile", "FROM scratch\nCOPY . .\n");
    let src = write(dir.path(), "src.Dockerfile", "FROM scratch\nCOPY src .\n");
    let own = write(dir.path(), "own.Dockerfile", "FROM scratch\nCOPY . .\n");
    write(dir.path(), "own.Dockerfile.dockerignore", "node_modules\n");
    let paths = [all, src, own];
    let facts = facts(&ContextSource::Beside, &paths);
    let modules: Vec<_> = facts
        .iter()
        .map(|scan| {
            scan.as_ref().unwrap().notable.iter().find(|n| n.name == "node_modules").map(|n| n.sent.bytes)
        })
        .collect();
    assert_eq!(modules, [Some(10), Some(0), None]);
    assert_eq!(facts[1].as_ref().unwrap().sent.bytes, 5);
    // One walk for those with the same ignore file, another for the one with its own.
    assert_eq!(lint(ContextSource::Beside, &paths).1, 2);
}

#[test]
fn a_context_is_walked_once_for_all_its_dockerfiles() {
    let dir = project();
    let paths: Vec<PathBuf> = (0..300)
        .map(|n| {
            write(
                dir.path(),
                &format!("{n}.Dockerfile"),
                &format!("FROM scratch\nCOPY src /{n}\nCOPY x{n} .\n"),
            )
        })
        .collect();
    let (outcomes, walks) = lint(ContextSource::Beside, &paths);
    assert_eq!((outcomes.len(), walks), (300, 1));
    for (outcome, path) in outcomes.iter().zip(&paths) {
        assert_eq!(outcome.files[0].path, path.display().to_string());
    }
    let elsewhere = [write(dir.path(), "a/Dockerfile", "FROM scratch\nCOPY src .\n"), paths[0].clone()];
    assert_eq!(lint(ContextSource::Beside, &elsewhere).1, 2);
    assert_eq!(lint(ContextSource::Folder(dir.path().to_path_buf()), &elsewhere).1, 1);
    assert_eq!(lint(ContextSource::None, &elsewhere).1, 0);
}

#[test]
fn nothing_is_walked_for_dockerfiles_that_take_nothing() {
    let dir = project();
    let path =
        write(dir.path(), "Dockerfile", "FROM scratch\nCOPY --from=x / /\nADD https://example.org/x /\n");
    assert_eq!(lint(ContextSource::Beside, &[path]).1, 0);
}

#[test]
fn troubles_hide_nothing() {
    let dir = project();
    let good = write(dir.path(), "Dockerfile", "FROM scratch\nCOPY . .\n");
    let large = write(
        dir.path(),
        "large.Dockerfile",
        &format!("FROM scratch\n#{}\nCOPY src .\n", "x".repeat(KEPT_BYTES)),
    );
    let paths = [dir.path().join("none"), good, large.clone(), dir.path().join("src")];
    let (outcomes, walks) = lint(ContextSource::Beside, &paths);
    assert_eq!(walks, 1);
    let troubles: Vec<_> = outcomes.iter().map(|o| (o.files.len(), o.problems.len())).collect();
    assert_eq!(troubles[0], (0, 1));
    assert_eq!((troubles[1].1, troubles[2].1), (0, 0));
    assert_eq!(troubles[3], (0, 1));
    assert_eq!(outcomes[2].files[0].path, large.display().to_string());
    // A context that is not there is said once, and the files are linted without it.
    let (outcomes, _) = lint(ContextSource::Folder(dir.path().join("nowhere")), &paths);
    assert_eq!(outcomes.iter().map(|o| o.problems.len()).sum::<usize>(), 3);
    assert!(outcomes[1].files.len() == 1 && outcomes[1].problems[0].message == "does not exist");
}

#[test]
fn standard_input_has_the_ignore_file_of_the_context() {
    let dir = project();
    write(dir.path(), ".dockerignore", "node_modules\n");
    write(dir.path(), "Dockerfile.dockerignore", "");
    let kept = |at: Option<&Path>| {
        let source = Source::from_text("-", "FROM scratch\nCOPY . .\n");
        let dockerfile = DockerfileSource::Text { source, stands_for: at.map(Path::to_path_buf) };
        let context = ContextSource::Folder(dir.path().to_path_buf());
        let target = Target { dockerfile, context, ..Target::of_file("") };
        let (files, analysis) = (Files::default(), analysis(&Files::default(), &target, None).unwrap());
        let opened = Opened::of_image(&target, analysis).measured(&files, &Progress::default());
        opened.analysis.context().unwrap().scan.notable.is_empty()
    };
    assert!(kept(None));
    assert!(!kept(Some(&*dir.path().join("Dockerfile"))));
}

/// Reads of a text and models of it: one each in a run, and one more for each round of fixing.
#[test]
fn a_file_is_read_and_understood_once() {
    let dir = project();
    let text = "FROM debian:12\nCOPY . .\nRUN apt-get install -y git && echo done\n";
    let paths: Vec<PathBuf> = (0..3).map(|n| write(dir.path(), &format!("{n}.Dockerfile"), text)).collect();
    let counts = || -> Vec<(usize, usize)> {
        paths.iter().map(|path| crate::text::work::taken(&path.display().to_string())).collect()
    };
    for context in [ContextSource::Beside, ContextSource::None] {
        lint(context, &paths);
        assert_eq!(counts(), [(1, 1); 3]);
    }
    lint(ContextSource::Beside, &paths[..1]);
    assert_eq!(counts(), [(1, 1), (0, 0), (0, 0)]);
    // Below the top of a repository, too, where the context may be a folder above; and if one of them is long.
    std::fs::create_dir(dir.path().join(".git")).unwrap();
    let long = format!("{text}#{}\n", "x".repeat(KEPT_BYTES / 2));
    let below = [("a/Dockerfile", text), ("b/Dockerfile", text), ("c/Dockerfile", long.as_str())]
        .map(|(name, text)| write(dir.path(), name, text));
    lint(ContextSource::Beside, &below);
    assert_eq!(below.map(|path| crate::text::work::taken(&path.display().to_string())), [(1, 1); 3]);
    let settings = Arc::new(Settings::default());
    let run = |allow| {
        let run = Run {
            settings: &|_| Arc::clone(&settings),
            target: &|path| Target::of_file(path),
            targets: None,
            files: &Files::default(),
            progress: None,
            fixing: Some(Fixing { allow, write: false }),
            shellcheck: None,
            seen: None,
        };
        run.all(&inputs(&paths[..1])).into_iter().map(|o| o.fixed).sum::<usize>()
    };
    // Safe fixes are none here; the others are made in one round.
    assert_eq!((run(Applicability::Safe), counts()[0]), (0, (1, 1)));
    assert_eq!((run(Applicability::Unsafe), counts()[0]), (1, (2, 2)));
}

/// A build of the Dockerfile at `path` by the service `name`, with that folder as its context.
fn service(path: &Path, name: &str, context: &Path, args: &[(&str, &str)], stage: Option<&str>) -> Target {
    let origin = TargetOrigin::Entry {
        path: "compose.yaml".into(),
        name: name.to_owned(),
        form: Default::default(),
        span: crate::text::Span::at(0),
    };
    let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let build = crate::semantic::Build { args, target: stage.map(str::to_owned), ..Default::default() };
    Target { context: ContextSource::Folder(context.to_path_buf()), build, origin, ..Target::of_file(path) }
}

/// What is said of the builds of a Dockerfile: the rule, and the builds if it is not said of all. Also the text that
/// fixes make of it.
fn of_builds(path: &Path, targets: &[Target], fixing: bool) -> (Vec<String>, Option<String>) {
    let settings = Arc::new(Settings::default());
    let run = Run {
        settings: &|_| Arc::clone(&settings),
        target: &|path| Target::of_file(path),
        targets: Some(&|_| targets.to_vec()),
        files: &Files::default(),
        progress: None,
        fixing: fixing.then_some(Fixing { allow: Applicability::Safe, write: false }),
        shellcheck: None,
        seen: None,
    };
    let outcome = run.all(&inputs(&[path.to_path_buf()])).pop().unwrap();
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    let said = |f: &crate::diag::Finding| {
        let fix = f.fix.as_ref().map_or("", |fix| fix.applicability.name());
        format!("{} {fix} {}", f.rule, f.builds.join(", ")).trim().to_owned()
    };
    let said = outcome.files.iter().flat_map(|file| &file.findings).map(said).collect();
    (said, outcome.changed.map(|changed| String::from_utf8(changed.after).unwrap()))
}

#[test]
fn what_all_builds_have_in_common_is_said_once_and_the_rest_names_its_builds() {
    let dir = project();
    let text = "ARG TAG=12\nFROM debian:$TAG AS base\nRUN apt-get update && apt-get install -y curl && \
        rm -rf /var/lib/apt/lists/*\nCOPY a.js /\nUSER 1\nFROM base AS dev\nCOPY b.js /\n";
    let path = write(dir.path(), "Dockerfile", text);
    let src = dir.path().join("src");
    let web = service(&path, "web", &src, &[("TAG", "latest")], Some("base"));
    let dev = service(&path, "dev", &src, &[], None);
    let top = service(&path, "top", dir.path(), &[], None);
    let (said, _) = of_builds(&path, &[web.clone(), dev.clone()], false);
    // What only one of the builds runs is not missing in the other.
    assert_eq!(said, ["latest-tag  compose.yaml: web", "copy-missing-source"]);
    let (said, _) = of_builds(&path, &[dev.clone(), top], false);
    // A context that a file names is one, though nothing of what is copied is in it.
    assert_eq!(said, ["copy-missing-source  compose.yaml: top", "copy-missing-source"]);
    // One tree, and one model for each build.
    let name = path.display().to_string();
    crate::text::work::taken(&name);
    of_builds(&path, &[web, dev], false);
    assert_eq!(crate::text::work::taken(&name), (1, 2));
}

#[test]
fn a_fix_counts_if_it_is_right_for_all_builds() {
    let dir = project();
    let text = "ARG BASE=debian:12\nFROM $BASE\nRUN apt-get update && apt-get install curl\nUSER 1\n";
    let path = write(dir.path(), "Dockerfile", text);
    let build = |name: &str, base: &str| service(&path, name, dir.path(), &[("BASE", base)], None);
    let (_, both) = of_builds(&path, &[build("a", "debian:12"), build("b", "debian:11")], true);
    let (_, one) = of_builds(&path, &[build("a", "debian:12")], true);
    assert!(both.is_some() && both == one);
    let text = "ARG BASE=debian:12\nFROM $BASE\nRUN useradd -u 999999999 app\nUSER app\n";
    let path = write(dir.path(), "Dockerfile", text);
    let builds = [build("a", "debian:12"), build("b", "debian:11")];
    let (said, changed) = of_builds(&path, &builds, true);
    assert_eq!((said, changed), (vec!["useradd-fills-lastlog display compose.yaml: b".to_owned()], None));
    let (said, changed) = of_builds(&path, &builds[1..], true);
    assert_eq!(said, Vec::<String>::new());
    assert!(changed.is_some_and(|text| text.contains("useradd -l ")));
}

#[cfg(unix)]
#[test]
fn what_is_found_in_a_file_is_not_found_again_through_a_link_to_it() {
    let dir = project();
    let text = "FROM debian:12\nRUN apt-get install -y git && sudo x\nCOPY a.js /\nUSER 1\n";
    let file = write(dir.path(), "src/Dockerfile", text);
    let link = write(dir.path(), "a/Dockerfile", "");
    write(dir.path(), "a/b.js", "");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let said = |paths: &[PathBuf]| -> Vec<Vec<String>> {
        let (outcomes, _) = lint(ContextSource::Beside, paths);
        let findings = |outcome: &Outcome| -> Vec<String> {
            outcome.files[0].findings.iter().map(|finding| finding.rule.to_string()).collect()
        };
        outcomes.iter().map(findings).collect()
    };
    let [of_link, of_file] = said(&[link.clone(), file.clone()]).try_into().unwrap();
    // In its folder, what is copied is not there.
    assert_eq!(of_link, ["copy-missing-source"]);
    assert!(of_file.len() > 1 && !of_file.contains(&of_link[0]), "{of_file:?}");
    // Alone, a link is what it points to.
    assert_eq!(said(&[link])[0].len(), of_file.len() + 1);
}

#[test]
fn a_named_context_that_several_builds_have_is_walked_once() {
    let dir = project();
    write(dir.path(), "shared/x.js", "1");
    let dockerfile = |n: usize| {
        let text = format!(
            "FROM scratch\nCOPY own.js /\nCOPY --from=lib {} /l\n",
            if n == 3 { "y.js" } else { "x.js" }
        );
        write(dir.path(), &format!("{n}/own.js"), "");
        write(dir.path(), &format!("{n}/Dockerfile"), &text)
    };
    let paths: Vec<PathBuf> = (0..5).map(dockerfile).collect();
    let target = |path: &Path| {
        let mut target = Target::of_file(path);
        let folder = crate::semantic::NamedContext::Folder(dir.path().join("shared"));
        target.build.contexts.insert("lib".to_owned(), folder);
        target
    };
    let (outcomes, walks) = lint_targets(&target, &paths);
    let missing = |outcome: &Outcome| {
        outcome.files[0].findings.iter().any(|finding| finding.rule == "copy-missing-source")
    };
    assert_eq!(outcomes.iter().map(missing).collect::<Vec<_>>(), [false, false, false, true, false]);
    // Five contexts of their own, and that one.
    assert_eq!(walks, 6);
}
