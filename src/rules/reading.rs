//! A rule's page in the order that a reader wants: the plainest examples first, the others as what they are: tests.

/// The heading of the examples.
const EXAMPLES: &str = "## Examples";

/// A `bad` or `good` block with what belongs to it: files and settings before it, what the fix makes of it after it.
#[derive(Default)]
struct Case<'a> {
    text: Vec<&'a str>,
    kind: Option<&'a str>,
    /// True if it needs files or settings, or characters that not everybody has on a keyboard.
    involved: bool,
}

/// `page` with one example that is reported and one that is not under the heading, and the others in a section
/// after all.
#[must_use]
pub fn for_readers(page: &str) -> String {
    let Some((before, after)) = section(page) else { return page.to_owned() };
    let (examples, rest) = match after.find("\n## ") {
        Some(end) => after.split_at(end + 1),
        None => (after, ""),
    };
    let mut cases = cases(examples);
    let mut shown = Vec::new();
    for kind in ["bad", "good"] {
        let of_kind = |case: &Case<'_>| case.kind == Some(kind);
        let plain = cases.iter().position(|case| of_kind(case) && !case.involved);
        if let Some(at) = plain.or_else(|| cases.iter().position(of_kind)) {
            shown.push(cases.remove(at));
        }
    }
    let text = |cases: &[Case<'_>]| {
        cases.iter().flat_map(|case| &case.text).fold(String::new(), |all, line| all + line + "\n")
    };
    let mut out = format!("{before}{EXAMPLES}\n{}\n{}", text(&shown), rest.trim_start());
    if !cases.is_empty() {
        let head = "## More examples\nThey are run as tests of the rule.\n\n";
        out = format!("{}\n\n{head}{}", out.trim_end(), text(&cases));
    }
    format!("{}\n", out.trim_end())
}

/// What stands before the examples, and after their heading.
fn section(page: &str) -> Option<(&str, &str)> {
    let at = page.match_indices(EXAMPLES).find(|(at, _)| *at == 0 || page[..*at].ends_with('\n'))?.0;
    let after = page[at..].strip_prefix(EXAMPLES)?;
    Some((&page[..at], after.strip_prefix('\n')?))
}

fn cases(examples: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let mut case = Case::default();
    let mut fence = None;
    for line in examples.lines() {
        match fence {
            // The end of a block ends the case with it, unless that is a file or a setting.
            Some(kind) if line.trim_end() == "```" => {
                case.text.push(line);
                fence = None;
                match kind {
                    "bad" | "good" => {
                        case.kind = Some(kind);
                        cases.push(std::mem::take(&mut case));
                    }
                    "fixed" => match cases.last_mut() {
                        Some(bad) => bad.text.append(&mut case.text),
                        None => cases.push(std::mem::take(&mut case)),
                    },
                    _ => case.involved = true,
                }
            }
            Some(_) => {
                case.involved |= !line.is_ascii();
                case.text.push(line);
            }
            None => {
                if let Some(info) = line.strip_prefix("```") {
                    fence = Some(info.split_whitespace().nth(1).unwrap_or(""));
                }
                if fence.is_some() || !line.trim().is_empty() || !case.text.is_empty() {
                    case.text.push(line);
                }
            }
        }
    }
    if !case.text.is_empty() {
        cases.push(case);
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn the_plainest_examples_come_first() {
        let block = |kind: &str, text: &str| format!("```dockerfile {kind}\n{text}\n```\n");
        let (odd, bad, fixed) = (block("bad", "FROM 소"), block("bad", "FROM a"), block("fixed", "FROM b"));
        let tree = format!("```tree\nx\n```\n{}", block("good", "COPY x /"));
        let good = block("good", "FROM c");
        let page = format!("## Why\nx\n\n## Examples\n{odd}{bad}{fixed}{tree}{good}");
        let want = format!(
            "## Why\nx\n\n## Examples\n{bad}{fixed}{good}\n## More examples\nThey are run as tests of the rule.\n\n{odd}{tree}"
        );
        assert_eq!(for_readers(&page), want);
        assert_eq!(for_readers("## Why\nx\n"), "## Why\nx\n");
    }

    #[test]
    fn no_line_of_a_page_is_lost() {
        for rule in RULES {
            let page = rule.meta.page();
            let read = for_readers(page);
            let lines = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.retain(|line| !line.trim().is_empty());
                lines.sort_unstable();
                lines
            };
            let mut left = lines(&read);
            for line in lines(page) {
                let at = left.iter().position(|other| *other == line);
                left.remove(at.unwrap_or_else(|| panic!("{}: {line}", rule.meta.name)));
            }
            assert!(left.len() <= 2, "{}: {left:?}", rule.meta.name);
        }
    }
}
