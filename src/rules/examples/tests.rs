use super::*;
use crate::diag::Severity;
use crate::rules::file::{self, Author};

const FILE: &str = "+++\nsummary = \"s\"\ncategory = \"size\"\nseverity = \"warning\"\npreset = \"default\"\n\
    fix = \"safe\"\nsince = \"0.1.0\"\ncode = \"a::b\"\n+++\n## What it does\n## Why\n## Examples\n\
    ```dockerfile bad\nFROM x\nRUN sudo a\n#   ^^^^ is bad\n```\n\
    ```dockerfile fixed\nFROM x\nRUN a\n```\n```dockerfile good\nFROM x\n```\n";

const BAD_AND_FIXED: &str = "```dockerfile bad\nFROM x\nRUN sudo a\n#   ^^^^ is bad\n```\n\
    ```dockerfile fixed\nFROM x\nRUN a\n```\n";

/// Finds `sudo`, and removes it.
struct NoSudo;

impl Engine for NoSudo {
    fn lint(&self, case: &Case<'_>) -> Result<Vec<Finding>, String> {
        let places = case.dockerfile.match_indices("sudo");
        let span = |i| Span::of(i..i + 4);
        if case.dockerfile.contains("fail") {
            return Err("no linter".to_owned());
        }
        Ok(places.map(|(i, _)| Finding::new("no-sudo", Severity::Info, span(i), "sudo is bad")).collect())
    }

    fn fix(&self, case: &Case<'_>) -> Result<String, String> {
        Ok(case.dockerfile.replace("sudo ", ""))
    }
}

/// How many examples there are, and what is wrong with them.
fn failures(text: &str) -> (usize, String) {
    let file = file::parse("no-sudo", text, Author::Dlint).unwrap();
    let outcome = run(&file, &NoSudo);
    let failure = |f: &Failure| {
        let difference = f.difference.as_ref().map(|d| format!("{}--- gets\n{}---", d.has, d.gets));
        format!("{}: {}\n{}", f.line, f.message, difference.unwrap_or_default())
    };
    (outcome.examples, outcome.failures.iter().map(failure).collect())
}

#[test]
fn examples_hold_or_say_where_they_do_not() {
    assert_eq!(failures(FILE), (3, String::new()));
    for (from, to, want) in [
        ("#   ^^^^", "#  ^^^^", "14: the findings are not those that are marked"),
        ("is bad", "is good", "14: the findings"),
        ("RUN a\n", "RUN b\n", "19: the fix does not give this"),
        ("good\nFROM x", "good\nFROM sudo", "23: the `good` block gives findings"),
        ("RUN sudo a", "RUN a", "14: the `bad` block gives no finding"),
        ("\"safe\"", "\"none\"", "a `fixed` block of a rule without fix"),
        (
            "code =",
            "aliases = [\"hadolint:DL1\", \"hadolint:DL2\"]\ncode =",
            "no finding of a `bad` block bears `hadolint:DL2`",
        ),
        (BAD_AND_FIXED, "", "there is no `dockerfile bad` block"),
        ("```dockerfile good", "```text", "there is no `dockerfile good` block"),
        ("RUN sudo a", "RUN sudo fail", "14: no linter"),
    ] {
        let (_, got) = failures(&FILE.replacen(from, to, 1));
        assert!(got.contains(want), "{want}\n{got}");
    }
    let (_, got) = failures(&FILE.replace("#   ^", "# ^"));
    assert!(got.contains("--- gets\nFROM x\nRUN sudo a\n#   ^^^^ is bad\n---"), "{got}");
}
