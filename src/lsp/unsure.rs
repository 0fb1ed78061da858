//! Why a name stays: where it could mean what it is called, and only a build or a shell would know.

use crate::shell::{Command, Word};
use crate::syntax::{CommandForm, Keyword};
use crate::text::{ShortText, Span};

use super::document::Read;
use super::names::{Mention, Named, Names, Stage, instruction_form};
use super::own_variables::{is_inside, own_settings};
use super::variables;

/// Why what is mentioned cannot be called `new` with certainty.
pub(super) fn why(read: &Read, names: &Names, mention: &Mention, new: &str) -> Option<String> {
    match &mention.named {
        Named::Stage(index) => stage(read, names, *index, new),
        Named::Variable(home, name) => chosen_home(names, mention, name)
            .or_else(|| taken(read, names, mention, name, new))
            .or_else(|| elsewhere_in_scripts(read, names, *home, name)),
        Named::Heredoc(..) => None,
    }
}

/// A FROM may get to a stage by what a variable says.
fn stage(read: &Read, names: &Names, index: usize, new: &str) -> Option<String> {
    let old = names.stages.get(index)?.written.as_deref()?;
    for stage in names.stages.iter().skip(index + 1) {
        let Some(chosen) = &stage.chosen else { continue };
        // A default that is an image says that stages are not meant.
        let is_open = chosen.value.is_none() || stage.parent.is_some();
        let is_old = chosen.is(old) || is_open && chosen.fits(old);
        let is_new = chosen.is(new) || is_open && !chosen.is_open() && chosen.fits(new);
        if is_old || is_new {
            let line = line_of(read, stage);
            return Some(format!(
                "a variable may choose a stage of this name in line {line}: rename it by hand"
            ));
        }
    }
    None
}

fn line_of(read: &Read, stage: &Stage) -> u32 {
    read.file.instructions.get(stage.start).map_or(0, |instruction| instruction.lines.0)
}

/// A variable that is set in several stages may come from another one.
fn chosen_home(names: &Names, mention: &Mention, name: &ShortText) -> Option<String> {
    let is_other = |m: &Mention| {
        m.named != mention.named && matches!(&m.named, Named::Variable(Some(_), other) if other == name)
    };
    if !names.mentions.iter().any(is_other) {
        return None;
    }
    let mut earlier: Vec<&str> = Vec::new();
    for stage in &names.stages {
        let is_open = |chosen: &&super::chosen::Chosen| chosen.value.is_none() || stage.parent.is_some();
        if let Some(chosen) = stage.chosen.as_ref().filter(is_open)
            && earlier.iter().any(|name| chosen.fits(name))
        {
            return Some(format!(
                "a variable chooses the stage that this comes from: rename `{name}` by hand"
            ));
        }
        earlier.extend(stage.written.as_deref());
    }
    None
}

/// A script that uses a variable sets one of the new name itself.
fn taken(read: &Read, names: &Names, mention: &Mention, name: &str, new: &str) -> Option<String> {
    let mut steps: Vec<usize> = names.same(&mention.named).map(|m| m.step).collect();
    steps.dedup();
    for step in steps {
        let Some(instruction) = read.file.instructions.get(step) else { continue };
        let text = instruction.span.text(read.text());
        if name != new && text.contains(new) && !own_settings(read, step, new).is_empty() {
            let line = instruction.lines.0;
            return Some(format!(
                "the script in line {line} sets or reads a variable of the new name itself"
            ));
        }
    }
    None
}

/// Scripts set variables of the name, so that only the shell knows which counts, and name them in other ways than with a
/// `$` that is theirs.
fn elsewhere_in_scripts(read: &Read, names: &Names, home: Option<usize>, name: &ShortText) -> Option<String> {
    for (step, instruction) in read.file.instructions.iter().enumerate() {
        let is_script = instruction_form(instruction).is_some() || instruction.keyword == Keyword::Run;
        let span = instruction.span;
        if !is_script || !span.text(read.text()).contains(&**name) || !names.sees(step, home, name) {
            continue;
        }
        let line = instruction.lines.0;
        if !own_settings(read, step, name).is_empty() {
            return Some(format!("the script in line {line} sets or reads a variable of this name itself"));
        }
        let mentioned = |at: u32| names.mention_from(at).is_some();
        let text = span.text(read.text());
        let places = variables::words(text, name);
        let places: Vec<usize> = places.filter(|at| !mentioned(span.start + Span::of(0..*at).end)).collect();
        let is_meant = |at: &usize| may_mean(text, *at, name);
        if places.iter().any(is_meant) || !places.is_empty() && commands_name(read, step, name) {
            return Some(format!(
                "`{name}` stands in line {line} where it may be this variable as well: rename it by hand"
            ));
        }
    }
    None
}

/// True if the word at a byte of a text may be the name of a variable, though nothing expands it.
fn may_mean(text: &str, at: usize, name: &str) -> bool {
    let (before, after) = (&text[..at], &text[at + name.len()..]);
    let is_expanded = ["$", "${", "${#", "${!"].iter().any(|start| before.ends_with(start));
    let is_quote = |c: char| matches!(c, '"' | '\'');
    let is_quoted = before.ends_with(is_quote) && after.starts_with(is_quote);
    let is_escaped = before.trim_end_matches(['$', '{', '#', '!']).ends_with('\\');
    is_expanded && !before.ends_with("$$") && !(is_escaped && is_printed(before, after))
        || is_quoted
        || is_inside(before, "((", "))")
        || is_inside(before, "[[", "]]") && is_tested(before, after)
}

/// True if what stands between two texts is but shown by `echo` or `printf`, and goes into no file or program.
fn is_printed(before: &str, after: &str) -> bool {
    let start = before.rfind(['\n', ';', '|', '&', '(', '`']).map_or(0, |end| end + 1);
    let (above, command) = before.split_at(start);
    let is_outside = ['"', '\''].iter().all(|quote| above.matches(*quote).count() % 2 == 0);
    let mut words =
        command.split_whitespace().skip_while(|w| w.eq_ignore_ascii_case("RUN") || w.starts_with("--"));
    let shows = words.next().is_some_and(|word| matches!(word, "echo" | "printf"));
    let rest = after.split(['\n', ';', '&']).next().unwrap_or_default();
    is_outside && shows && !command.contains('>') && !rest.contains(['>', '|'])
}

/// True if `[[` asks by its name whether a variable is set, or compares its number.
fn is_tested(before: &str, after: &str) -> bool {
    let (last, next) = (before.split_whitespace().next_back(), after.split_whitespace().next());
    let compares = |word: Option<&str>| word.is_some_and(|word| COMPARISONS.contains(&word));
    before.ends_with([' ', '\t']) && (last == Some("-v") || compares(last) || compares(next))
}

/// True if a command of an instruction may name a variable, or if its language is another one.
fn commands_name(read: &Read, step: usize, name: &str) -> bool {
    let model = read.model();
    let first = model.scripts.partition_point(|script| script.step < step);
    let mut own = model.scripts.iter().skip(first).take_while(|script| script.step == step);
    // Exec form has no variables but those of the program that it starts.
    let form = read.file.instructions.get(step).and_then(instruction_form);
    let is_array = matches!(form, Some(CommandForm::Exec(_)));
    own.any(|script| match script.script.opaque {
        true => !is_array,
        false => script.script.commands.iter().any(|command| names_variable(command, name)),
    })
}

/// Options whose values are names of variables.
const NAMING_OPTIONS: [&str; 5] = ["--build-arg", "--env", "--preserve-env", "-e", "-v"];

/// Comparisons of numbers, which `[[` calculates.
const COMPARISONS: [&str; 6] = ["-eq", "-ge", "-gt", "-le", "-lt", "-ne"];

/// True if an argument of a command is the name of a variable by the option before it.
fn names_variable(command: &Command, name: &str) -> bool {
    let is_named = |pair: &[Word]| {
        let option = pair[0].as_str().is_some_and(|word| NAMING_OPTIONS.contains(&word));
        option && pair[1].is(name)
    };
    command.words.windows(2).any(is_named)
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::super::navigate;
    use super::*;

    /// The text with what stands at `|` renamed, or why it is not.
    fn renamed(text: &str, new: &str) -> Result<String, String> {
        let (before, after) = text.split_once('|').unwrap();
        let mut text = format!("{before}{after}");
        let read = read(&text);
        let at = Span::of(0..before.len()).end;
        let edit = navigate::rename(&read, at, new).map_err(|failure| failure.message)?;
        let edits = edit.changes.unwrap_or_default().into_values().flatten();
        let mut spans: Vec<Span> = edits.map(|edit| read.span(edit.range)).collect();
        spans.sort_unstable();
        spans.iter().rev().for_each(|span| text.replace_range(span.range(), new));
        Ok(text)
    }

    #[test]
    fn an_argument_that_a_stage_takes_is_one_with_it_whatever_env_does() {
        for text in [
            "ARG Q|=1\nFROM a\nARG Q\nENV Q=${Q}\nRUN curl x/$Q\n",
            "ARG Q=1\nFROM a\nARG Q|\nENV Q=${Q}\nRUN curl x/$Q\n",
            "ARG Q=1\nFROM a\nARG Q\nENV Q|=${Q}\nRUN curl x/$Q\n",
            "ARG Q=1\nFROM a\nENV Q=0\nARG Q|\nRUN $Q\n",
            "ARG Q=1\nFROM a AS x\nENV Q=2\nFROM x\nARG Q\nRUN $Q|\n",
            "ARG S=x\nFROM a AS x\nENV Q|=1\nFROM $S\nRUN echo $Q\n",
        ] {
            assert_eq!(renamed(text, "NEW"), Ok(text.replace('|', "").replace('Q', "NEW")), "{text}");
        }
        // What is used before it is taken is another variable.
        let text = "ARG Q|=1\nFROM a\nRUN echo $Q\nARG Q\nRUN echo $Q\n";
        let want = "ARG NEW=1\nFROM a\nRUN echo $Q\nARG NEW\nRUN echo $NEW\n";
        assert_eq!(renamed(text, "NEW").as_deref(), Ok(want));
    }

    #[test]
    fn what_scripts_use_in_other_ways_is_renamed_where_that_is_sure() {
        for script in [
            "RUN echo ${#A} ${!A} $((A+1)) \"$((A))\"",
            "RUN sh -c 'echo $A'",
            "CMD [\"sh\",\"-c\",\"exec app --port $A\"]",
            "ENTRYPOINT [\"/bin/bash\", \"-ec\", \"exec ${A}\"]",
            "HEALTHCHECK CMD curl x:$A",
            "RUN echo $$A $A",
        ] {
            let text = format!("FROM a\nARG A|=1\n{script}\n");
            let new =
                text.replace('|', "").replace("ARG A", "ARG NEW").replace("$$A", "$$_").replace("CMD", "CM_");
            let names = ["${A}", "${#A}", "${!A}", "$A", "((A"];
            let new = names.iter().fold(new, |text, name| text.replace(name, &name.replace('A', "NEW")));
            let new = new.replace("$$_", "$$A").replace("CM_", "CMD");
            assert_eq!(renamed(&text, "NEW"), Ok(new), "{script}");
        }
        for script in [
            "A+=x; echo $A",
            "[[ -v A ]] && echo $A",
            "test -v A",
            "printenv A",
            "docker build --build-arg A .",
            "[[ A -gt 1 ]]",
            "su x -c 'echo $A'",
            "sh -c \"echo \\$A\"",
            "eval \"echo \\$A\"",
            "envsubst '$A' < x",
            "echo $((A=1))",
            "echo \"\\$A\" > /x.sh",
            "echo \\$A | sh",
            "sh -c \"x; echo \\$A\"",
            "python3 -c 'import os; os.environ[\"A\"]'",
        ] {
            let text = format!("FROM a\nARG A|=1\nRUN {script}\n");
            assert!(renamed(&text, "NEW").is_err(), "{script}");
        }
        for shell in ["[\"powershell\", \"-c\"]\nRUN echo $env:A", "[\"cmd\", \"/S\", \"/C\"]\nRUN echo %A%"]
        {
            assert!(renamed(&format!("FROM a\nARG A|=1\nSHELL {shell}\n"), "NEW").is_err(), "{shell}");
        }
        for script in [
            "echo V=$V --V=1 -V=2 x.V",
            "echo \"the V is $V\"",
            "[ \"$V\" = V ]",
            "make V2=1 $V",
            "echo $V \\$V",
        ] {
            assert!(renamed(&format!("FROM a\nARG V|=1\nRUN {script}\n"), "NEW").is_ok(), "{script}");
        }
    }

    #[test]
    fn a_script_may_have_the_new_name_already() {
        for script in [
            "NEW=2 && echo $A",
            "for NEW in a; do echo $A; done",
            "read NEW; echo $A",
            "export NEW=1; echo $A",
        ] {
            let why = renamed(&format!("FROM a\nARG A|=1\nRUN {script}\n"), "NEW").unwrap_err();
            assert!(why.contains("line 3") && why.contains("the new name"), "{script}: {why}");
        }
    }

    #[test]
    fn names_of_the_builder_and_the_system_stay_theirs() {
        for text in [
            "FROM a\nARG TARGET|ARCH\nRUN $TARGETARCH\n",
            "FROM --platform=$BUILD|PLATFORM a\n",
            "FROM a\nARG HTTP_PR|OXY\n",
            "ARG BUILDKIT_INLINE|_CACHE=1\nFROM a\n",
            "FROM a\nENV PA|TH=/x:$PATH\n",
        ] {
            let (before, after) = text.split_once('|').unwrap();
            let read = read(&format!("{before}{after}"));
            assert_eq!(navigate::renamed(&read, Span::of(0..before.len()).end), None, "{text}");
        }
        for new in ["TARGETARCH", "HTTP_PROXY", "PATH", "SOURCE_DATE_EPOCH"] {
            assert!(renamed("FROM a\nARG V|=1\n", new).is_err(), "{new}");
        }
    }

    #[test]
    fn a_stage_that_a_variable_may_choose_keeps_its_name() {
        for text in [
            "ARG S=x\nFROM a AS x|\nFROM ${S}\n",
            "FROM a AS base-amd64|\nFROM b AS base-arm64\nFROM base-$TARGETARCH\n",
            "ARG S\nFROM a AS x|\nFROM $S\n",
            "ARG S=y\nFROM a AS x|\nFROM b AS y\nFROM $S\n",
        ] {
            assert!(renamed(text, "neu").unwrap_err().contains("a variable may choose"), "{text}");
        }
        for text in [
            "ARG BASE=debian:12\nFROM $BASE AS x|\nFROM $BASE\nCOPY --from=x /a /b\n",
            "FROM a AS x|\nFROM alpine:$V\n",
        ] {
            assert!(renamed(text, "neu").is_ok(), "{text}");
        }
        assert!(
            renamed("FROM a AS x|\nFROM b AS base-arm64\nFROM base-$TARGETARCH\n", "base-amd64").is_err()
        );
        assert!(renamed("FROM a AS x|\nFROM alpine\n", "alpine").is_err());
        // Which of two values counts, the build says.
        let text = "ARG S=x\nFROM a AS x\nENV V|=1\nFROM b AS y\nENV V=2\nFROM $S\nRUN $V\n";
        assert!(renamed(text, "NEW").is_err());
    }
}
