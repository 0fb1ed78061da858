use super::*;
use crate::tree::DISK;

fn parse(text: &str) -> (Config, Vec<crate::text::toml::Fault>) {
    super::parse(text, Arc::default())
}

fn faults(text: &str) -> Vec<String> {
    let lines = crate::text::LineIndex::new(text);
    let (_, faults) = parse(text);
    let shown = faults.iter().map(|f| {
        let at = lines.position(text, f.span.start);
        let help = f.help.as_deref().map(|h| format!(": {h}")).unwrap_or_default();
        format!("{}:{} {}{help}", at.line, at.column, f.message)
    });
    shown.collect()
}

#[test]
fn all_keys_are_read() {
    let text = "select = [\"default\"]\nextend-select = [\"strict\"]\nignore = [\"DL4000\"]\nfail-on = \"error\"\n\
        exclude = [\"vendor\"]\ncontext = \"..\"\n[severity]\nunknown-suppression = \"error\"\n\
        [rules.unknown-suppression]\n[[overrides]]\nfiles = [\"old/**\"]\nextend-select = [\"DL4000\"]\n";
    let (config, found) = parse(text);
    assert_eq!(found, []);
    let none = Choice::default();
    let settings = config.settings(Path::new("Dockerfile"), &none, None);
    assert_eq!(settings.rules.severity("maintainer-deprecated"), None);
    assert_eq!(settings.rules.severity("unused-foreign-suppression"), Some(Severity::Info));
    assert_eq!(settings.rules.severity("unknown-suppression"), Some(Severity::Error));
    assert_eq!(settings.fail_on, FailOn::At(Severity::Error));
    assert_eq!(config.context_of(Path::new("Dockerfile")), Some(Path::new("..")));
    let settings = config.settings(Path::new("old/x/Dockerfile"), &none, Some(FailOn::Never));
    assert_eq!(settings.rules.severity("maintainer-deprecated"), Some(Severity::Info));
    assert_eq!(settings.fail_on, FailOn::Never);
    assert!(config.excludes(Path::new("a/vendor/x/Dockerfile")));
    assert!(!config.excludes(Path::new("a/vendors/Dockerfile")));
    let catalogue = Catalogue::default();
    let rule = catalogue.find("maintainer-deprecated").unwrap();
    let none = crate::rules::Key { rule: "maintainer-deprecated", name: "none", default: 7 };
    assert_eq!(settings.options(rule).integer(&none), 7);
}

#[test]
fn an_empty_file_says_nothing() {
    let (config, found) = parse("");
    assert_eq!(found, []);
    let settings = config.settings(Path::new("Dockerfile"), &Choice::default(), None);
    let on = |rules: &RuleSet| rules.enabled().map(|(_, r, s)| (r.meta.name.clone(), s)).collect::<Vec<_>>();
    assert_eq!(on(&settings.rules), on(&RuleSet::default()));
    assert_eq!(settings.fail_on, FailOn::At(Severity::Warning));
}

#[test]
fn all_faults_come_at_once_with_places() {
    let text = "slect = []\nselect = [\"default\", \"maintainer-depreciated\", 3]\nfail-on = \"warn\"\n\
        exclude = [\"a[\"]\ncontext = 1\n[severity]\nnothing-like-it = \"error\"\nDL4000 = \"bad\"\n\
        [rules.maintainer-deprecated]\nmax = 1\n[rules.size]\n[[overrides]]\nselect = []\nfile = []\n";
    assert_eq!(
        faults(text),
        [
            "1:1 unknown key `slect`: did you mean `select`?",
            "2:22 `maintainer-depreciated` is not a known rule, alias or group: did you mean `maintainer-deprecated`?",
            "2:48 `select` must be a list of strings, not a number",
            "3:11 `warn` must be one of error, warning, info, never",
            "4:12 this is not a valid glob: unclosed character class; missing ']'",
            "5:11 `context` must be a string, not a number",
            "7:1 `nothing-like-it` is not a known rule, alias or group",
            "8:10 `bad` is not a severity: use one of error, warning, info",
            "10:1 `maintainer-deprecated` has no option `max`: it has no options",
            "11:8 `size` is more than one rule: options are set for one rule each",
            "12:1 `files` is missing: for example `files = [\"docker/**\"]`",
            "14:1 unknown key `overrides.file`: did you mean `files`?",
        ]
    );
    assert_eq!(faults("select = [\n").len(), 1);
    assert_eq!(faults("a = 1\na = 2\n")[0].split(' ').next(), Some("2:1"));
}

#[test]
fn globs_fit_names_folders_and_anchored_paths() {
    let fit = |pattern: &str, path: &str| {
        let (config, faults) = parse(&format!("exclude = ['{pattern}']"));
        assert_eq!(faults, []);
        config.excludes(Path::new(path))
    };
    for (pattern, path, want) in [
        ("Dockerfile.old", "a/b/Dockerfile.old", true),
        ("*.old", "a/b/Dockerfile.old", true),
        ("/a", "a/Dockerfile", true),
        ("/a", "b/a/Dockerfile", false),
        ("a/*.old", "a/x.old", true),
        ("a/*.old", "a/b/x.old", false),
        ("a/**", "a/b/x.old", true),
        ("a/", "b/a/x", true),
        ("./a/b", "./a/b", true),
        ("{a,b}/x", "b/x", true),
    ] {
        assert_eq!(fit(pattern, path), want, "{pattern} {path}");
    }
}

#[test]
fn the_nearest_file_counts_up_to_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let deep = root.join("repo/a/b");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::create_dir(root.join("repo/.git")).unwrap();
    std::fs::write(root.join("dlint.toml"), "").unwrap();
    assert_eq!(discover(&DISK, &deep), None);
    std::fs::write(root.join("repo/.dlint.toml"), "fail-on = \"x\"\n").unwrap();
    assert_eq!(discover(&DISK, &deep), Some(root.join("repo/.dlint.toml")));
    std::fs::write(root.join("repo/a/dlint.toml"), "fail-on = \"never\"\n").unwrap();
    assert_eq!(discover(&DISK, &deep), Some(root.join("repo/a/dlint.toml")));
    assert_eq!(load(&DISK, &root.join("repo/a/dlint.toml")).unwrap().config.fail_on, Some(FailOn::Never));
    let error = load(&DISK, &root.join("repo/.dlint.toml")).unwrap_err().to_string();
    let want =
        format!("{}/repo/.dlint.toml:1:11: `x` must be one of error, warning, info, never", root.display());
    assert_eq!(error, want);
    assert!(load(&DISK, &deep).is_err());
}
