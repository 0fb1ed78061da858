//! `# hadolint shell=powershell`: which shell the base image has, where no SHELL says so.

use std::sync::LazyLock;

use memchr::memmem;

use crate::shell::Dialect;
use crate::syntax::{File, ItemKind};

use super::scripts;

static MARK: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new("hadolint"));

/// The languages that comments name, each with the instruction that it stands before, in their order.
pub(super) fn shells(file: &File) -> Vec<(usize, Dialect)> {
    // Most files have none.
    if MARK.find(file.text().as_bytes()).is_none() {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut next = 0;
    for item in &file.items {
        match item.kind {
            ItemKind::Comment => {
                let lines = file.comment_lines(item.span).filter_map(|line| shell(line.text(file.text())));
                all.extend(lines.map(|program| (next, scripts::interpreter(program))));
            }
            ItemKind::Instruction(index) => next = index + 1,
            _ => {}
        }
    }
    all
}

/// The program that a comment names. What follows it may be a reason.
fn shell(comment: &str) -> Option<&str> {
    let blank = |c: char| c == ' ' || c == '\t';
    let rest = comment.trim().strip_prefix('#')?.trim_start_matches(blank).strip_prefix("hadolint")?;
    let rest = rest.strip_prefix(blank)?.trim_start_matches(blank).strip_prefix("shell")?;
    let rest = rest.trim_start_matches(blank).strip_prefix('=')?.trim_start_matches(blank);
    rest.split(|c| blank(c) || c == '#').next().filter(|program| !program.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::Model;
    use crate::syntax;
    use crate::text::Source;

    #[test]
    fn comments_name_shells() {
        for (comment, want) in [
            ("# hadolint shell=powershell", Some("powershell")),
            ("#hadolint  shell = /bin/bash -o pipefail", Some("/bin/bash")),
            ("  # hadolint shell=cmd# why", Some("cmd")),
            ("# hadolint shell=", None),
            ("# hadolint shells=a", None),
            ("# hadolintshell=a", None),
            ("# shell=a", None),
        ] {
            assert_eq!(shell(comment), want, "{comment}");
        }
    }

    #[test]
    fn a_shell_holds_up_to_the_end_of_the_stage() {
        let text = "# hadolint shell=pwsh\nFROM a\nRUN b\n# hadolint shell=cmd\n\nRUN c\nRUN d\nSHELL [\"bash\"]\n\
            RUN e\nFROM f\nRUN g\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        use Dialect::{Bash, Cmd, Posix, PowerShell};
        let dialects: Vec<Dialect> = model.steps.iter().map(|step| step.state.dialect).collect();
        // What holds before each instruction.
        assert_eq!(dialects, [PowerShell, PowerShell, Cmd, Cmd, Cmd, Bash, Posix, Posix]);
    }
}
