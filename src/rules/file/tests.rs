use super::*;

const GOOD: &str = "+++\nsummary = \"a summary\"\ncategory = \"size\"\nseverity = \"warning\"\n\
    preset = \"default\"\nfix = \"none\"\nsince = \"0.1.0\"\naliases = [\"hadolint:DL1\"]\n\
    code = \"a::b\"\n[options]\nmax = 5\n+++\n## What it does\nx\n## Why\nx\n## Examples\n\
    ```dockerfile bad\nFROM a\n#^^^\n```\n### Setting\n```config\nselect = []\n```\n\
    ```dockerfile good\nFROM b\n```\n";

#[test]
fn a_rule_file_is_read_whole() {
    let file = parse("a-rule", GOOD, Author::Dlint).unwrap();
    assert_eq!(file.front.category, Some(Category::Size));
    assert_eq!(file.front.aliases, ["hadolint:DL1"]);
    assert_eq!(file.front.options, [("max".to_owned(), ::toml::Value::Integer(5))]);
    let got: Vec<_> = file.blocks.iter().map(|b| (b.kind, b.line, b.group, b.text.as_str())).collect();
    assert_eq!(
        got,
        [
            (BlockKind::Bad, 19, 3, "FROM a\n#^^^\n"),
            (BlockKind::Config, 24, 4, "select = []\n"),
            (BlockKind::Good, 27, 4, "FROM b\n"),
        ]
    );
    assert!(file.blocks.iter().all(|b| b.span.text(GOOD) == b.text));
    assert_eq!(GOOD.lines().nth(18), Some("FROM a"));
}

fn faults(text: &str, author: Author) -> Vec<String> {
    let lines = LineIndex::new(text);
    let shown = |f: &Fault| {
        let help = f.help.as_deref().map(|h| format!(": {h}")).unwrap_or_default();
        format!("line {}: {}{help}", lines.line(f.span.start), f.message)
    };
    parse("a-rule", text, author).unwrap_err().iter().map(shown).collect()
}

const USERS: &str = "\u{feff}+++\r\nsummary = \"a summary\"\r\n[match]\r\nport = 22\r\nmessage = \"m\"\r\n+++\r\n\
    # Title\r\n````yaml\r\n```dockerfile bad\r\n````\r\n```dockerfile bad\r\nEXPOSE 22\r\n```\r\n";

#[test]
fn a_users_rule_needs_a_summary_and_a_match() {
    let file = parse("a-rule", USERS, Author::User).unwrap();
    let got: Vec<_> = file.blocks.iter().map(|b| (b.kind, b.line, b.text.as_str())).collect();
    assert_eq!(got, [(BlockKind::Bad, 12, "EXPOSE 22\n")]);
    let rule = file.rule("policy/a-rule.md".to_owned(), USERS.to_owned());
    assert_eq!((&*rule.meta.name, rule.meta.category), ("a-rule", Category::Policy));
    assert_eq!((rule.meta.severity, rule.meta.preset), (Severity::Warning, Preset::Default));
    assert!(rule.meta.page().starts_with("# Title"));
    for (from, to, want) in [
        ("summary = \"a summary\"", "", "line 2: `summary` is missing"),
        ("a summary", "", "line 2: the summary is one line"),
        ("summary =", "sumary =", "line 2: unknown key `sumary`: did you mean `summary`?"),
        ("[match]", "[mach]", "line 2: `[match]` is missing"),
        ("[match]", "code = \"a\"\r\n[match]", "line 3: unknown key `code`"),
        ("[match]", "category = \"secrity\"\r\n[match]", "did you mean `security`?"),
        ("[match]", "aliases = [\"acme:a b\"]\r\n[match]", "line 3: an alias has neither blanks"),
        ("```dockerfile bad\r\nE", "```dockerfile baad\r\nE", "line 11: a block is `dockerfile bad`"),
        ("port = 22", "prot = 22", "line 4: unknown key `match.prot`: did you mean `port`?"),
        ("port = 22", "port = ", "line 4: "),
    ] {
        assert!(USERS.contains(from), "{from}");
        let shown = faults(&USERS.replacen(from, to, 1), Author::User);
        assert!(shown.iter().any(|e| e.contains(want)), "{want}: {shown:?}");
    }
}

#[test]
fn every_fault_names_its_line() {
    for (from, to, want) in [
        ("summary = \"a summary\"\n", "", "line 2: `summary` is missing"),
        (
            "size",
            "sizes",
            "line 3: `sizes` must be one of correctness, security, reproducibility, cache, size, style, portability, policy",
        ),
        ("since", "sinse", "line 2: `since` is missing"),
        ("hadolint:", "", "line 8: an alias is a tool and its id: `hadolint:DL3007`"),
        ("code = \"a::b\"\n", "", "line 2: give either `code` or a `[match]` table"),
        (
            "max = 5",
            "max = 5.5",
            "line 11: an option is a string, an integer, true or false, or a list of strings",
        ),
        (
            "## Why",
            "## Because",
            "line 13: the page has the sections `## What it does`, `## Why` and `## Examples`",
        ),
        ("```dockerfile good", "```docker", "line 26: a block is `dockerfile bad`"),
        ("FROM b\n```\n", "FROM b\n", "line 26: a fenced block has no end"),
        ("+++\n## What", "## What", "line 1: the front matter has no end: a second line `+++`"),
        ("+++\n", "---\n", "line 1: the file must start with front matter: TOML between two lines `+++`"),
        ("max = 5", "max = ", "line 11: "),
    ] {
        let shown = faults(&GOOD.replacen(from, to, 1), Author::Dlint);
        assert!(shown.iter().any(|e| e.contains(want)), "{want}: {shown:?}");
    }
    assert!(parse("A_rule", GOOD, Author::Dlint).is_err());
}

#[test]
fn a_life_cycle_is_read_and_held_to_what_it_needs() {
    let with = |keys: &str| USERS.replacen("[match]", &format!("{keys}\r\n[match]"), 1);
    let read = |keys: &str| {
        let front = parse("a-rule", &with(keys), Author::User).unwrap().front;
        (front.status.to_string(), front.renamed_from)
    };
    let none: [String; 0] = [];
    assert_eq!(read("since = \"1\""), ("stable".to_owned(), none.to_vec()));
    assert_eq!(read("status = \"stable\"").0, "stable");
    assert_eq!(read("renamed-from = [\"b\", \"c-2\"]").1, ["b", "c-2"]);
    for (keys, want) in [
        ("replaced-by = \"b\"", "deprecated: use b"),
        ("reason = \"nobody does so\"", "deprecated: nobody does so"),
        ("replaced-by = \"b\"\nreason = \"b sees more\"", "deprecated: use b (b sees more)"),
    ] {
        assert_eq!(read(&format!("status = \"deprecated\"\n{keys}")).0, want);
    }
    for (keys, want) in [
        ("status = \"deprecated\"", "line 3: say what to use instead, or why it is deprecated: `replaced-by"),
        ("status = \"old\"", "line 3: `old` must be one of stable, deprecated"),
        (
            "reason = \"x\"",
            "line 3: `replaced-by` and `reason` are for a rule with `status = \"deprecated\"`",
        ),
        ("status = \"stable\"\nreplaced-by = \"x\"", "line 4: `replaced-by` and `reason` are for"),
        ("status = \"deprecated\"\nreplaced-by = \"X y\"", "line 4: `X y` is not a valid rule name"),
        ("renamed-from = [\"B\"]", "line 3: `B` is not a valid rule name"),
    ] {
        let shown = faults(&with(keys), Author::User);
        assert!(shown.iter().any(|e| e.contains(want)), "{want}: {shown:?}");
    }
}
