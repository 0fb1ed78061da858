use super::*;
use crate::rules::examples::{Failure, tree};
use crate::rules::file::{self, Author};
use crate::rules::generate::{BLESS, blessing, rule_files};
use crate::shellcheck::tests::recorded;

#[test]
fn the_examples_of_all_rules_hold() {
    let catalogue = Arc::default();
    let mut failures = String::new();
    for (path, mut text, file) in rule_files() {
        let shellcheck = Some(recorded::checker());
        let mut tested = examples::run(&file, &Examples { catalogue: &catalogue, shellcheck });
        if blessing() {
            for difference in tested.failures.iter().rev().filter_map(|f| f.difference.as_ref()) {
                if difference.replaces {
                    text.replace_range(difference.span.range(), &difference.gets);
                    fs::write(&path, &text).unwrap();
                }
            }
            tested.failures.retain(|f| !f.difference.as_ref().is_some_and(|d| d.replaces));
        }
        failures.extend(tested.failures.iter().map(|failure| shown(&file.name, failure)));
    }
    recorded::record();
    assert!(failures.is_empty(), "\n{failures}\nTo take what is found: {BLESS}=1 cargo test --lib");
}

fn shown(rule: &str, failure: &Failure) -> String {
    let difference = failure.difference.as_ref();
    let difference = difference.map(|d| format!("--- expected\n{}--- got\n{}---\n", d.has, d.gets));
    format!("rules/{rule}.md:{}: {}\n{}", failure.line, failure.message, difference.unwrap_or_default())
}

/// What is wrong with the examples of a user's rule about port 22.
fn failures(examples: &str) -> Vec<String> {
    let text =
        format!("+++\nsummary = \"s\"\n[match]\nport = 22\nmessage = \"no {{port}}\"\n+++\n{examples}");
    let file = file::parse("no-ssh", &text, Author::User).unwrap();
    let rule = file.clone().rule("no-ssh.md".to_owned(), text);
    let catalogue = Arc::new(Catalogue::new(vec![rule], Vec::new()));
    let tested = test_rule(&file, &catalogue);
    tested.failures.into_iter().map(|f| f.message).collect()
}

const GOOD: &str = "```dockerfile bad\nEXPOSE 22\n#      ^^ no 22\n```\n```dockerfile good\nEXPOSE 80\n```\n";

#[test]
fn examples_of_users_run_in_their_settings() {
    assert_eq!(failures(GOOD), [""; 0]);
    let with =
        |setup: &str| failures(&format!("{GOOD}# Another\n{setup}\n```dockerfile good\nEXPOSE 80\n```\n"));
    assert_eq!(with("```config\nignore = [\"no-ssh\"]\n```"), [""; 0]);
    let [failure] = &with("```config\nignore = [\"no-shs\"]\n```")[..] else { panic!() };
    assert!(failure.starts_with("the `config` block of the example is wrong: `no-shs` is not a known rule"));
}

#[test]
fn a_tree_stays_inside_of_its_context() {
    let outside = tempfile::tempdir().unwrap();
    let outside = outside.path().display().to_string();
    let fill = |text: &str| {
        let folder = Folder::new().unwrap();
        let tree = tree(text);
        let case = Case {
            rule: "",
            dockerfile: "FROM a\n",
            entry: None,
            config: None,
            dockerignore: Some("x\n"),
            tree: Some(&tree),
        };
        let filled = folder.fill(&case);
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0, "{text}");
        assert!(folder.0.is_dir());
        let path = folder.0.clone();
        drop(folder);
        assert!(!path.exists());
        filled.map(drop)
    };
    assert_eq!(fill("a/b 12\nc/\nd -> a/b\nDockerfile 7\n"), Ok(()));
    for text in ["/x 1", "../x 1", "a/../../x 1", ".. 1"] {
        assert!(fill(text).unwrap_err().ends_with("is outside of the context"), "{text}");
    }
    #[cfg(unix)]
    for name in ["x", "Dockerfile", ".dockerignore"] {
        for text in
            [format!("{name} -> {outside}/y"), format!("x -> {outside}\nx/y 1\nx/z -> q\nDockerfile 1\n")]
        {
            let _ = fill(&text);
        }
    }
}
