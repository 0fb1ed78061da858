//! `# shellcheck …` comments that are about a whole script.
//!
//! What they disable in a continuation, or above the instruction, is a matter of suppression; within a
//! here-document the program reads them itself. But it must not see our head in front of those that
//! start the script, or they would count for the next command only.

use crate::semantic::Model;
use crate::text::Span;

/// What comments say of a script.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Directives {
    /// The dialect.
    pub(super) shell: Option<String>,
    /// Directives that the script starts with, to be put in front of the head.
    pub(super) lines: Vec<String>,
}

impl Directives {
    /// Reads those above the instruction of `step`, inside its continuations, and at the start of `script`.
    pub(super) fn of(model: &Model, step: usize, script: &str) -> Self {
        let mut all = Self::default();
        let file = &*model.file;
        if !file.text().contains("shellcheck") {
            return all;
        }
        let instruction = model.instruction(step);
        for comment in file.comments_before(step) {
            all.read_shell(comment.text(file.text()));
        }
        if !instruction.logical.is_contiguous() {
            let lines = Span::new(instruction.span.start, instruction.arguments.end);
            let lines = lines.text(file.text()).lines().skip(1);
            lines.filter(|line| line.trim_start().starts_with('#')).for_each(|line| all.read_shell(line));
        }
        let head =
            script.lines().take_while(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
        for line in head {
            all.read_shell(line);
            let kept: Vec<&str> = pairs(line).filter(|pair| is_plain(pair)).collect();
            if !kept.is_empty() {
                all.lines.push(format!("# shellcheck {}", kept.join(" ")));
            }
        }
        all
    }

    fn read_shell(&mut self, comment: &str) {
        if let Some(shell) = pairs(comment).find_map(|pair| pair.strip_prefix("shell=")) {
            self.shell = Some(shell.to_owned());
        }
    }
}

/// The `key=value` pairs of a directive.
fn pairs(comment: &str) -> impl Iterator<Item = &str> {
    let text = comment.trim_start().strip_prefix('#').map(str::trim_start);
    let rest = text.and_then(|text| text.strip_prefix("shellcheck")).filter(|r| r.starts_with([' ', '\t']));
    let words = rest.unwrap_or("").split_whitespace();
    words.take_while(|word| !word.starts_with('#')).filter(|word| word.contains('='))
}

/// True for what can be put elsewhere without harm: lists of codes and of checks.
fn is_plain(pair: &str) -> bool {
    let value = pair.strip_prefix("disable=").or_else(|| pair.strip_prefix("enable="));
    let plain = |value: &str| value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b',' || b == b'-');
    value.is_some_and(|value| !value.is_empty() && plain(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{interpreter, parse};
    use crate::text::Source;

    fn directives(text: &str) -> Directives {
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        let script = &file.instructions[1].heredocs.first().map_or("", |h| h.body.text(text));
        assert_eq!(interpreter(script), None);
        Directives::of(&model, 1, script)
    }

    #[test]
    fn directives_stand_above_inside_and_in_here_documents() {
        let shell = |shell: &str| Directives { shell: Some(shell.to_owned()), lines: Vec::new() };
        assert_eq!(directives("FROM a\n# shellcheck shell=bash\nRUN x\n"), shell("bash"));
        assert_eq!(directives("FROM a\nRUN x \\\n  # shellcheck shell=ksh # why\n  y\n"), shell("ksh"));
        assert_eq!(
            directives("FROM a\n# shellcheckshell=bash\n# shellcheck is good\nRUN x\n"),
            Directives::default()
        );
        let text = "FROM a\nRUN <<E\n\n# c\n# shellcheck shell=dash disable=SC2086,SC2046 source=x\n\
            # shellcheck enable=all disable=$(x)\nx\n# shellcheck disable=SC1000\nE\n";
        let lines = ["# shellcheck disable=SC2086,SC2046".to_owned(), "# shellcheck enable=all".to_owned()];
        assert_eq!(directives(text), Directives { lines: lines.into(), ..shell("dash") });
    }
}
