//! Rules about package lists that a RUN fetches for others.

use crate::diag::{Finding, Fix};
use crate::knowledge::{APT_SETUP_SCRIPTS, Action, LISTS_READERS, ManagerId, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Leftover, Model, Stage};
use crate::shell::Word;

use super::caches::{MAX_RUNS, is_update_alone, later_cleanup, list_bytes, lists_saving, runs, runs_behind};
use super::chain::{gone, joined, moved_before};
use super::layers::runs_unknown;

/// `update-without-install`.
pub fn alone(cx: &mut Cx<'_>) {
    for stage in &cx.model.stages {
        let mut counted = false;
        let built = |step: &usize| stage.reachable || cx.model.is_trigger(*step);
        for step in runs(cx.model, stage).filter(built) {
            for left in cx.model.leftovers(step).iter().filter(|l| is_update_alone(cx.model, step, l)) {
                let cmd = left.first(cx.model);
                let head = cmd.head();
                let mut next = next_use(cx.model, stage, step, left.manager.id);
                if matches!(next, NextUse::None) {
                    next = hidden_use(cx.model, stage, step, left.manager.id);
                }
                let user = next.command();
                let stale = left.manager.stale_lists;
                let by_script =
                    stale && (matches!(next, NextUse::Perhaps) || runs_script_later(cx.model, stage, step));
                let again = user.and_then(|user| used_again(cx.model, &user));
                let shared = user.is_some_and(|user| is_shared(cx.model, stage, step, &user));
                // Only the removal in the same RUN saves the bytes, and not before the last install by these lists.
                let saves = stage.in_final_image
                    && again.is_none()
                    && !shared
                    && later_cleanup(cx.model, stage, step, left).is_none();
                let clean = if saves { format!(" && {}", left.cache.remove) } else { String::new() };
                let mut finding = match user {
                    Some(user) => cx
                        .at(cmd.head_span(), own_layer(&head, stale))
                        .help(help_together(cx.model, &head, &user, again, &clean))
                        .label(user.head_span(), "uses these lists"),
                    // Nobody knows what that makes of the lists.
                    None if matches!(next, NextUse::Hidden) && !by_script => continue,
                    None if by_script => cx
                        .at(
                            cmd.head_span(),
                            format!(
                                "`{head}` has a layer of its own: while that layer is cached, a later script that installs packages gets outdated lists"
                            ),
                        )
                        .help("fetch the lists in the RUN, or in the script, that installs; drop this if none does"),
                    None => cx
                        .at(
                            cmd.head_span(),
                            format!("`{head}` fetches package lists that no later instruction uses"),
                        )
                        .help("drop it, or install in the same RUN"),
                };
                if saves
                    && left.manager.id == ManagerId::Apt
                    && !std::mem::replace(&mut counted, true)
                    && let Some((bytes, suite)) = list_bytes(cx.model, stage)
                {
                    finding = finding.saving(lists_saving(bytes, suite));
                }
                let fix = match user {
                    Some(_) if shared => None,
                    Some(user) => together(cx.model, step, left, &user),
                    None if by_script => None,
                    None => dropped(cx.model, step, left),
                };
                if let Some(fix) = fix {
                    finding = finding.fix(fix);
                }
                cx.report(finding);
            }
            for left in cx.model.leftovers(step) {
                if let Some(finding) = by_old_lists(cx, stage, step, left) {
                    cx.report(finding);
                }
            }
        }
    }
}

/// A later install that goes by the lists which an install of its own left.
fn by_old_lists(cx: &Cx<'_>, stage: &Stage, step: usize, left: &Leftover) -> Option<Finding> {
    let model = cx.model;
    let fetch = left.commands(model).find(|c| c.usage.action == Action::Update)?;
    if !left.manager.stale_lists || is_update_alone(model, step, left) {
        return None;
    }
    let user = next_use(model, stage, step, left.manager.id).command()?;
    let line = model.instruction(step).lines.0;
    let message = format!(
        "`{}` uses the package lists that line {line} fetched: while that layer is cached they go out of date, and it fails or installs old packages",
        user.head()
    );
    let help = format!("install all in one RUN, or write `{} && {} …` here", fetch.head(), user.head());
    Some(cx.at(user.head_span(), message).label(fetch.head_span(), "fetched here").help(help))
}

/// What is wrong with lists in a layer of their own; `stale` if they are used however old they are.
fn own_layer(head: &str, stale: bool) -> String {
    let why = if stale {
        "while that layer is cached, later installs use outdated lists, and fail or install old packages"
    } else {
        "once the lists expire, installs fetch them again, so this layer is wasted"
    };
    format!("`{head}` has a layer of its own: {why}")
}

/// The install behind `user` that goes by the same lists.
fn used_again<'m>(model: &'m Model, user: &Cmd<'m>) -> Option<Cmd<'m>> {
    next_use(model, model.stage_of(user.step())?, user.step(), user.usage.manager?.id).command()
}

/// True if another command than `user` goes by the same lists: a package in a file gets its dependencies by them.
fn is_shared(model: &Model, stage: &Stage, step: usize, user: &Cmd<'_>) -> bool {
    let Some(manager) = user.usage.manager else { return true };
    let others = later_runs(model, stage, step).flat_map(|run| model.commands_of(run));
    let mut others = others.filter(|cmd| cmd.id() != user.id());
    others.find_map(|cmd| match cmd.usage.manager {
        Some(m) if m.id == manager.id && cmd.usage.action == Action::Update => Some(false),
        Some(m) if m.id == manager.id && cmd.usage.action == Action::Install && installs_files(&cmd) => {
            Some(true)
        }
        _ if manager.id == ManagerId::Apt && LISTS_READERS.contains(&cmd.program()) => Some(true),
        _ => None,
    }) == Some(true)
}

/// What to write; the lists stay where a later RUN installs by them as well.
fn help_together(model: &Model, head: &str, user: &Cmd<'_>, again: Option<Cmd<'_>>, clean: &str) -> String {
    match again {
        Some(more) => {
            let (line, next) =
                (model.instruction(user.step()).lines.0, model.instruction(more.step()).lines.0);
            format!(
                "fetch the lists in the RUN that installs, and merge lines {line} and {next} into it, since both rely on them"
            )
        }
        None => format!("write `RUN {head} && {} …{clean}`", user.head()),
    }
}

/// Fetches the lists in the RUN of `user`.
fn together(model: &Model, step: usize, left: &Leftover, user: &Cmd<'_>) -> Option<Fix> {
    let later = user.step();
    let stage = |step: usize| model.stage_of(step).map(|s| s.index);
    let title = format!("run `{}` together with `{}`", left.first(model).head(), user.head());
    if model.commands_of(step).count() > left.commands.len() {
        return joined(model, step, later).map(|edit| Fix::safe(title, [edit]));
    }
    let fits = stage(step) == stage(later) && is_run_alike(model, step, later);
    let edits = moved_before(model, step, user).filter(|_| fits)?;
    let bare = |step: usize| model.instruction(step).flags.is_empty();
    // Nothing between can tell one order from the other.
    let scripts = model.stage_of(step).is_some_and(|stage| runs_script_later(model, stage, later));
    let same = later == step + 1 && bare(step) && bare(later) && !scripts;
    Some(if same { Fix::safe(title, edits) } else { Fix::uncertain(title, edits) })
}

/// True if the second RUN has the user, the shell and the mounts of the first one.
fn is_run_alike(model: &Model, first: usize, second: usize) -> bool {
    let state = |step: usize| model.steps.get(step).map(|s| (s.state.user, s.state.shell));
    let flags = |step: usize| {
        model.instruction(step).flags.iter().map(|flag| model.text(flag.span)).collect::<Vec<_>>()
    };
    let has = flags(second);
    state(first) == state(second) && flags(first).iter().all(|flag| has.contains(flag))
}

/// Drops a RUN that does nothing but fetch the lists.
fn dropped(model: &Model, step: usize, left: &Leftover) -> Option<Fix> {
    let alone = model.commands_of(step).count() == left.commands.len();
    gone(model, step).filter(|_| alone).map(|edit| Fix::uncertain("drop the RUN", [edit]))
}

/// What happens next with the lists that a step has fetched.
#[derive(Clone, Copy)]
enum NextUse<'m> {
    /// This command installs by them.
    By(Cmd<'m>),
    /// A command would, but for a script right before it that may fetch them anew.
    Perhaps,
    /// A command may use them in another way than by an install.
    Hidden,
    /// They are fetched anew first, or nothing installs any more.
    None,
}

impl<'m> NextUse<'m> {
    const fn command(self) -> Option<Cmd<'m>> {
        match self {
            Self::By(cmd) => Some(cmd),
            Self::Perhaps | Self::Hidden | Self::None => None,
        }
    }
}

/// What a later step does with the lists of `manager` before it fetches them anew.
fn next_use<'m>(model: &'m Model, stage: &Stage, step: usize, manager: ManagerId) -> NextUse<'m> {
    for run in later_runs(model, stage, step) {
        let mut after_script = false;
        for cmd in model.commands_of(run) {
            if manager == ManagerId::Apt && sets_up_apt(&cmd) {
                return NextUse::None;
            }
            after_script |= runs_script(&cmd);
            if cmd.usage.manager.is_none_or(|m| m.id != manager) {
                continue;
            }
            match cmd.usage.action {
                Action::Update => return NextUse::None,
                // A package that is there already needs no lists, unless it lacks something.
                Action::Install if installs_files(&cmd) => {}
                Action::Install | Action::Upgrade if after_script => return NextUse::Perhaps,
                Action::Install | Action::Upgrade => return NextUse::By(cmd),
                _ => {}
            }
        }
    }
    NextUse::None
}

/// What else may need the lists: a package in a file, whose dependencies come by them, or a program that reads them.
fn hidden_use<'m>(model: &'m Model, stage: &Stage, step: usize, manager: ManagerId) -> NextUse<'m> {
    for cmd in later_runs(model, stage, step).flat_map(|run| model.commands_of(run)) {
        if manager == ManagerId::Apt && sets_up_apt(&cmd) {
            return NextUse::None;
        }
        match cmd.usage.manager {
            Some(m) if m.id == manager => match cmd.usage.action {
                Action::Update => return NextUse::None,
                Action::Install | Action::Upgrade => return NextUse::By(cmd),
                Action::Remove | Action::Clean => {}
                _ => return NextUse::Hidden,
            },
            _ if manager == ManagerId::Apt && LISTS_READERS.contains(&cmd.program()) => {
                return NextUse::Hidden;
            }
            _ => {}
        }
    }
    NextUse::None
}

/// True where a vendor's script that sets up its packages is fetched: such scripts fetch the lists themselves.
fn sets_up_apt(cmd: &Cmd<'_>) -> bool {
    let fetches = matches!(cmd.program(), "curl" | "wget") || program_is(cmd.program(), Trait::Shell);
    fetches && cmd.args().iter().any(|w| APT_SETUP_SCRIPTS.iter().any(|url| w.static_prefix().contains(url)))
}

/// True for a shell that runs a file or its standard input, and for a file that is called as a script is.
fn runs_script(cmd: &Cmd<'_>) -> bool {
    let is_file = || cmd.shell().program_word().is_some_and(|w| w.static_prefix().ends_with(".sh"));
    let inline = ["-c", "-lc", "-ec", "-xc", "-exc", "-euxc"];
    program_is(cmd.program(), Trait::Shell) && !cmd.has_any_flag(&inline) || is_file()
}

/// True for an install of nothing but files: `apt-get install ./app.deb`.
fn installs_files(cmd: &Cmd<'_>) -> bool {
    let operands = cmd.operands();
    let is_file = |w: &&Word| w.as_str().is_some_and(|text| text.contains('/') && text.ends_with(".deb"));
    !operands.is_empty() && operands.iter().all(is_file)
}

/// True if a later RUN starts a script that may install packages.
fn runs_script_later(model: &Model, stage: &Stage, step: usize) -> bool {
    let commands = later_runs(model, stage, step).flat_map(|run| model.commands_of(run));
    commands.take_while(|c| !sets_up_apt(c)).any(|c| {
        c.usage.manager.is_none()
            && runs_unknown(&c)
            && c.shell()
                .program_word()
                .is_some_and(|w| w.static_prefix().contains(['/', '.']) || w.has_expansion())
            || program_is(c.program(), Trait::Shell)
            || c.program() == "make"
    })
}

/// The RUNs behind `step`, in its stage and in those that start from it.
fn later_runs<'m>(model: &'m Model, stage: &'m Stage, step: usize) -> impl Iterator<Item = usize> + 'm {
    let own = runs_behind(model, stage, step);
    let starts_here = move |s: &&Stage| s.base == Base::Stage(stage.index);
    let stages = model.stages.behind(stage.index).iter().filter(starts_here);
    own.chain(stages.flat_map(|s| runs(model, s))).take(MAX_RUNS)
}
