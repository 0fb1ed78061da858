//! Scripts whose first line names no interpreter: a shell starts them, and nothing else does.

use crate::semantic::{Analysis, Cmd, Model, Started, base_name};
use crate::shell::RedirectKind;
use crate::syntax::Kind;
use crate::text::holds;

/// The most commands that are looked at for one that writes a script.
const MAX_WRITERS: usize = 256;

/// The name of the script that an instruction starts, if it has no first line that names its interpreter.
pub(super) fn without_first_line(model: &Analysis, started: &[Started<'_>], step: usize) -> Option<String> {
    let of_step = started.iter().find(|s| s.cmd.step() == step && s.shell.is_none());
    match of_step.and_then(|started| Some((started, model.head_of(&started.source)?))) {
        Some((started, head)) => {
            (head.text && head.shebang.is_none()).then(|| base_name(&started.source).to_owned())
        }
        None => written_without(model, step),
    }
}

/// The same of a script that the Dockerfile itself writes: `COPY <<EOF /run.sh`, `echo … > /run.sh`.
fn written_without(model: &Model, step: usize) -> Option<String> {
    let cmd = model.commands_of(step).next()?;
    let path = cmd.shell().program_word()?.as_str().filter(|path| path.starts_with('/'))?;
    let has_line = |text: &str| holds(text, "#!");
    for (at, instruction) in model.instructions().take_while(|(at, _)| *at < step) {
        let (Kind::Copy(_) | Kind::Add(_)) = &instruction.kind else { continue };
        let copy = model.copies.iter().find(|copy| copy.step == at && !copy.mount);
        if let ([heredoc], Some(to)) =
            (&*instruction.heredocs, copy.and_then(|copy| copy.destination.known()))
            && to == path
        {
            return (!has_line(model.text(heredoc.body))).then(|| base_name(path).to_owned());
        }
    }
    let writes = |writer: &Cmd<'_>| {
        let shell = writer.shell();
        let to = |r: &crate::shell::Redirect| {
            r.kind == RedirectKind::Write && r.target.as_ref().is_some_and(|to| to.is(path))
        };
        shell.redirects.iter().any(to)
    };
    let writers = ["echo", "printf", "cat"].into_iter().flat_map(|name| model.commands_named(name));
    let writer = writers.take(MAX_WRITERS).find(|writer| writer.step() < step && writes(writer))?;
    // What a file or another program gives to `cat` is not known.
    let heredocs = || writer.shell().redirects.iter().filter_map(|r| r.heredoc_body);
    let is_known = writer.program() != "cat" || heredocs().next().is_some();
    let says = has_line(model.text(writer.shell().span)) || heredocs().any(|body| has_line(model.text(body)));
    let is_plain = writer.args().iter().all(|word| !word.has_expansion());
    (is_known && is_plain && !says).then(|| base_name(path).to_owned())
}
