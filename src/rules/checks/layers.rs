//! Rules about work that is spread over layers in a way that costs bytes.

use std::cell::LazyCell;

use crate::diag::{Finding, Fix, Part, Saving, format_bytes};
use crate::knowledge::{ARCHIVE_ENDINGS, Action, ImageKind, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{
    Analysis, Base, Cmd, CommandId, CopyUse, Model, SYSTEM, SourceKind, Stage, covers, facts,
};
use crate::shell::Word;
use crate::text::{Edit, Span};

use super::caches::{MAX_RUNS, runs};
use super::cleanup::{WORTHWHILE, is_light};
use super::modes::lets_others_write;
use super::unshipped::{ends_with_tests, is_little};

/// What counts in its own right beside another fault of the same command, in bytes.
const GRAVE: u64 = 10_000_000;

/// `run-wastes-layer`.
pub fn wastes(cx: &mut Cx<'_>) {
    let ships = |stage: &&Stage| stage.in_final_image && !ends_with_tests(cx.model, stage);
    let matters = |finding: &Finding| !is_little(cx.model, finding.saving.as_ref());
    for stage in cx.model.stages.iter().filter(ships) {
        for step in runs(cx.model, stage) {
            let mut rewritten = false;
            let last_purge =
                LazyCell::new(|| cx.model.commands_of(step).filter(purges).last().map(|c| c.id()));
            for cmd in cx.model.commands_of(step) {
                match cmd.program() {
                    // Once more in the same layer costs nothing.
                    "chown" | "chgrp" | "chmod" | "mv" if !rewritten => {
                        let finding = doubled(cx, stage, &cmd);
                        rewritten = finding.is_some();
                        finding.into_iter().filter(matters).for_each(|f| cx.report(f));
                    }
                    _ if cmd.usage.action == Action::Remove => {
                        let finding = removed_later(cx, stage, &cmd, &last_purge);
                        finding.into_iter().filter(matters).for_each(|f| cx.report(f));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// A command that changes all files of an earlier COPY, so that its layer holds them again.
fn doubled(cx: &Cx<'_>, stage: &Stage, cmd: &Cmd<'_>) -> Option<Finding> {
    let moves = cmd.program() == "mv";
    let recursive = cmd.has_any_flag(&["-R", "--recursive"]);
    // It may not run at all.
    if !cmd.surely_runs() {
        return None;
    }
    let operands: Vec<&Word> = cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-')).collect();
    // Owner or mode come first, the target of a move last.
    let paths = if moves { operands.split_last()?.1 } else { operands.split_first()?.1 };
    let plain = |w: &Word| !w.has_glob() || w.static_prefix().ends_with("/*");
    let within = paths.iter().filter(|w| plain(w)).find_map(|word| {
        let copies = cx.model.copies_within(stage, cmd.step(), &cmd.paths_of(word));
        (!copies.is_empty()).then_some((*word, copies))
    });
    let Some((word, copies)) = within else { return one_of_many(cx, stage, cmd, &operands, paths) };
    // Without `-R`, a folder itself changes, and nothing in it.
    if !moves && !recursive && copies.iter().any(|copy| is_folder(cx.model, copy, &cmd.paths_of(word))) {
        return None;
    }
    let flag = match cmd.program() {
        "chown" | "chgrp" => "chown",
        "chmod" => "chmod",
        _ => "",
    };
    // A COPY that has set it already may leave nothing to change.
    if copies.iter().any(|c| cx.model.instruction(c.step).flag(flag).is_some()) {
        return None;
    }
    let bytes = cx.model.measured_together(&copies);
    let value = operands.first().filter(|_| !moves).and_then(|w| given(cmd, w));
    // The mode is a fault that `world-writable` speaks of, and mending it mends this.
    let opens_all = flag == "chmod" && value.is_some_and(lets_others_write);
    if opens_all && bytes.is_none_or(|bytes| bytes < GRAVE) {
        return None;
    }
    match bytes {
        Some(bytes) if bytes < WORTHWHILE => return None,
        // A single file is not worth a word unless it is known to be large.
        None if !recursive || copies.iter().all(|c| is_light(c)) => return None,
        _ => {}
    }
    let span = cmd.program_span().to(word.span);
    let size = bytes.map(|b| format!("{} of ", format_bytes(b))).unwrap_or_default();
    let by = if copies.iter().all(|c| c.add) { "an ADD" } else { "a COPY" };
    let message =
        format!("`{}` rewrites {size}files that {by} added, so the image stores them twice", cmd.program());
    let help = match &value {
        _ if moves => "copy them to where they belong".to_owned(),
        // What is unpacked keeps its owner and mode, but for the newest builders.
        _ if copies.iter().any(|c| c.add && !is_plain(c)) => {
            "copy the archive into a separate stage, unpack and change it there, and copy the result with `COPY --from`"
                .to_owned()
        }
        _ if opens_all => {
            "write `COPY --chown=…` for the user that has to write, and leave this out".to_owned()
        }
        Some(value) => match made_later(cx.model, &copies, value).filter(|_| flag == "chown") {
            Some(user) => format!(
                "create the user `{user}` above the COPY, write `COPY --{flag}={value}` there, and remove the copied \
                 paths from this command"
            ),
            None if made_by_run(cx.model, &copies, cmd, word) => format!(
                "write `COPY --{flag}={value}`, and change the files that other RUNs create there in those RUNs"
            ),
            // COPY leaves a folder that is there already to its owner.
            None if recursive && flag == "chown" => format!(
                "write `COPY --{flag}={value}`, and leave out `-R` here: COPY does not change the owner of a folder that already exists"
            ),
            None => format!("write `COPY --{flag}={value}`, and remove the copied paths from this command"),
        },
        None => format!("write `COPY --{flag}=…`, and remove the copied paths from this command"),
    };
    let help = match others_rewrite(cmd, &copies) {
        Some(program) if !moves => format!("{help}; do the same with what `{program}` changes in this RUN"),
        _ => help,
    };
    let mut finding = cx.at(span, message).help(help);
    for copy in &copies {
        finding = finding.label(cx.model.instruction(copy.step).keyword_span, "copied here");
    }
    if let Some(bytes) = bytes {
        finding = finding.saving(Saving::measured(bytes, "build context"));
    }
    if let ([copy], false) = (&*copies, moves)
        && (!copy.add || is_plain(copy))
        && let Some(value) = &value
        && !opens_all
        && let Some(fix) = with_flag(cx.model, stage, cmd, copy, value, flag, paths.len())
    {
        finding = finding.fix(fix);
    }
    Some(finding)
}

/// Another command of the RUN that changes all that is copied, too.
fn others_rewrite<'m>(cmd: &Cmd<'m>, copies: &[&CopyUse]) -> Option<&'m str> {
    let model = cmd.model;
    let stage = cmd.stage()?;
    let others = model.commands_of(cmd.step()).filter(|other| other.id() != cmd.id()).take(MAX_COMMANDS);
    others.filter(|other| matches!(other.program(), "chown" | "chgrp" | "chmod")).find_map(|other| {
        let is_all = other.has_any_flag(&["-R", "--recursive"]);
        let words = other.args().iter().filter(|w| !w.static_prefix().starts_with('-')).skip(1);
        let again = words.flat_map(|word| model.copies_within(stage, other.step(), &other.paths_of(word)));
        (is_all && again.into_iter().any(|copy| copies.iter().any(|c| std::ptr::eq(*c, copy))))
            .then(|| other.program())
    })
}

/// True if a RUN between the copies and `cmd`, or this one, may make files below what `word` names.
fn made_by_run(model: &Model, copies: &[&CopyUse], cmd: &Cmd<'_>, word: &Word) -> bool {
    let Some(first) = copies.iter().map(|copy| copy.step).min() else { return false };
    let paths = cmd.paths_of(word);
    let is_below = |path: &str| paths.iter().any(|above| covers(above, path));
    model.run_commands().filter(|c| c.step() > first && c.id() < cmd.id()).take(MAX_COMMANDS).any(|c| {
        let makes = !program_is(c.program(), Trait::WritesNothing) || matches!(c.program(), "mkdir");
        let here =
            || model.workdir(c.step()).known().is_some_and(is_below) && !matches!(c.program(), "mkdir");
        makes
            && !matches!(c.program(), "chown" | "chgrp" | "chmod" | "useradd" | "adduser")
            && c.usage.manager.is_none_or(|m| !m.system)
            && (here() || c.args().iter().any(|w| c.paths_of(w).iter().any(|path| is_below(path))))
    })
}

/// How many commands are asked what they make.
const MAX_COMMANDS: usize = 100;

/// The user of an owner, if it is created behind the first of the copies, which cannot name it then.
fn made_later<'v>(model: &Model, copies: &[&CopyUse], owner: &'v str) -> Option<&'v str> {
    let user = owner.split(':').next().filter(|user| !user.bytes().all(|b| b.is_ascii_digit()))?;
    let first = copies.iter().map(|copy| copy.step).min()?;
    // The base image has it, whatever a later line says.
    let stage = model.stage_of(first)?;
    if let Base::Image(image) = model.root_base(stage)
        && facts(image).is_some_and(|facts| facts.users.contains(&user))
    {
        return None;
    }
    let mut makers = ["useradd", "adduser"].into_iter().flat_map(|name| model.commands_named(name));
    makers.any(|cmd| cmd.step() > first && cmd.args().iter().any(|word| word.is(user))).then_some(user)
}

/// True if all sources are files or folders of the context that ADD copies as they are, by their names.
fn is_plain(copy: &CopyUse) -> bool {
    copy.sources.iter().all(|s| {
        let is_archive = |path: &str| {
            let lower = path.to_ascii_lowercase();
            ARCHIVE_ENDINGS.iter().any(|end| lower.ends_with(end))
        };
        s.kind == SourceKind::Path && s.value.known().is_some_and(|path| !is_archive(path))
    })
}

/// The owner or mode that a command gives, as the flag of COPY takes it: `755` for `+x`, which files of a context
/// mostly become by it.
pub(super) fn given<'m>(cmd: &Cmd<'_>, word: &'m Word) -> Option<&'m str> {
    let text = word.as_str()?;
    let usable = match cmd.program() {
        "chown" => text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-')),
        "chmod" if matches!(text, "+x" | "a+x" | "ugo+x" | "+rx" | "a+rx") => {
            let recursive = cmd.has_any_flag(&["-R", "--recursive"]);
            return (!recursive).then_some("755");
        }
        "chmod" if text == "u+x" => return (!cmd.has_any_flag(&["-R", "--recursive"])).then_some("744"),
        "chmod" => matches!(text.len(), 3 | 4) && text.bytes().all(|b| matches!(b, b'0'..=b'7')),
        _ => false,
    };
    usable.then_some(text)
}

/// A command that changes a large file which a COPY has brought with others.
fn one_of_many(
    cx: &Cx<'_>,
    stage: &Stage,
    cmd: &Cmd<'_>,
    operands: &[&Word],
    paths: &[&Word],
) -> Option<Finding> {
    let flag = match cmd.program() {
        "chown" | "chgrp" => "chown",
        "chmod" => "chmod",
        _ => "",
    };
    let plain = paths.iter().take(MAX_COMMANDS).filter(|word| !word.has_glob());
    let (word, copy, file, bytes) = plain.into_iter().find_map(|word| {
        let found = cmd.paths_of(word).into_iter().find_map(|path| {
            let found = cx.model.brought_file(stage, cmd.step(), &path);
            found.filter(|(copy, _, bytes)| {
                *bytes >= WORTHWHILE && cx.model.instruction(copy.step).flag(flag).is_none()
            })
        });
        found.map(|(copy, file, bytes)| (*word, copy, file, bytes))
    })?;
    let value = operands.first().filter(|_| !flag.is_empty()).and_then(|word| given(cmd, word));
    if flag == "chmod" && value.is_some_and(lets_others_write) && bytes < GRAVE {
        return None;
    }
    let name = if copy.add { "ADD" } else { "COPY" };
    let message = format!(
        "`{}` rewrites {} of files that {} {name} added, so the image stores them twice",
        cmd.program(),
        format_bytes(bytes),
        if copy.add { "an" } else { "a" }
    );
    let help = match value {
        None if flag.is_empty() => format!("copy `{file}` to where it belongs"),
        value => format!(
            "copy `{file}` with an instruction of its own, `COPY --{flag}={} {file} …`, and leave it out here",
            value.unwrap_or("…")
        ),
    };
    let finding = cx.at(cmd.program_span().to(word.span), message).help(help);
    let finding = finding.label(cx.model.instruction(copy.step).keyword_span, "copied here");
    Some(finding.saving(Saving::measured(bytes, "build context")))
}

/// True if a copy surely brings the content of a folder, which is then at one of `paths`.
fn is_folder(model: &Analysis, copy: &CopyUse, paths: &[String]) -> bool {
    let Some(destination) = copy.destination.known().map(|to| to.trim_end_matches('/')) else { return false };
    let holds = |folder: &str| {
        let folder = folder.trim_start_matches("./").trim_matches('/');
        let below = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let all = model.taken(copy).map_or(&[][..], |taken| &taken.largest);
        matches!(folder, "" | ".") || all.iter().any(|file| below(&file.path))
    };
    let is_it = |path: &String| path.trim_end_matches('/') == destination;
    paths.iter().any(is_it) && copy.sources.iter().any(|source| source.value.known().is_some_and(holds))
}

/// True if the folder that a copy fills may be there before it, with another owner and mode, which a COPY leaves as they
/// are.
fn may_be_there(model: &Model, stage: &Stage, copy: &CopyUse) -> bool {
    let Some(to) = copy.destination.known().map(|to| to.trim_end_matches('/')) else { return true };
    let is_at = |path: &str| {
        path.strip_prefix(to).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) || to.is_empty()
    };
    let of_base = match model.root_base(stage) {
        Base::Scratch => false,
        Base::Image(image) => facts(image).is_none_or(|known| {
            let is_plain = matches!(known.kind, Some(ImageKind::Os | ImageKind::Runtime | ImageKind::Sdk));
            !is_plain || known.workdir.is_some_and(is_at)
        }),
        _ => true,
    };
    // Of what a system has, the folders below these are the projects' own.
    let mut parts = to.split('/').skip(1);
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let own = match first {
        "opt" | "srv" => second.is_some(),
        "usr" => second == Some("src") && parts.next().is_some(),
        first => !SYSTEM.contains(&first),
    };
    let workdirs = model.workdirs.partition_point(|w| w.step < copy.step);
    let scripts = model.scripts.partition_point(|s| s.step < copy.step);
    // Nobody looks through a long file for each of its copies.
    let is_long = workdirs > MAX_COMMANDS || scripts > MAX_COMMANDS;
    let workdirs = model.workdirs.iter().take(workdirs).filter(|w| model.inherits_step(stage, w.step));
    let copies = model.copies_before(stage, copy.step);
    let runs = model.scripts.iter().take(scripts).filter(|s| model.inherits_step(stage, s.step));
    of_base
        || !own
        || is_long
        || workdirs.into_iter().any(|w| w.path.known().is_none_or(is_at))
        || copies.into_iter().any(|c| c.destination.known().is_none_or(is_at))
        || runs.into_iter().any(|s| model.text(model.instruction(s.step).span).contains(to))
}

/// Puts the flag on the COPY and drops the RUN, where that is all it does and nothing comes between
/// that could create the user. Where the folder may be there before, the RUN stays for the folder alone.
fn with_flag(
    model: &Model,
    stage: &Stage,
    cmd: &Cmd<'_>,
    copy: &CopyUse,
    value: &str,
    flag: &str,
    paths: usize,
) -> Option<Fix> {
    let instruction = model.instruction(cmd.step());
    let copied = model.instruction(copy.step);
    let alone = cmd.script().script.commands.len() == 1 && instruction.mounts.is_empty() && paths == 1;
    let near = copy.step + 1 == cmd.step();
    let named: Vec<String> = cmd.args().iter().skip(1).flat_map(|w| cmd.paths_of(w)).collect();
    let same = |target: &String| named.iter().any(|p| p.trim_end_matches('/') == target);
    let same_folder = copy.targets().iter().all(same) || copy.is_named_by(&named);
    if !(alone && near && same_folder) || cmd.script().exec {
        return None;
    }
    let end = instruction.span.end;
    let start = copied.span.end;
    let between = Span::new(start, instruction.span.start);
    if !between.text(model.file.text()).trim().is_empty() {
        return None;
    }
    let put = Edit::insert(copied.keyword_span.end, format!(" --{flag}={value}"));
    let deep = cmd.args().iter().find(|w| w.is("-R") || w.is("--recursive"));
    let is_deep = cmd.has_any_flag(&["-R", "--recursive"]);
    if is_deep && !copy.is_named_by(&named) && may_be_there(model, stage, copy) {
        let deep = deep.filter(|word| word.exact)?;
        let rest = model.file.text().get(deep.span.end as usize..)?;
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let gone = Edit::delete(Span::new(deep.span.start, deep.span.end + Span::of(0..blanks).end));
        let title = format!("put `--{flag}={value}` on the COPY, and change only the folder itself");
        return Some(Fix::uncertain(title, [put, gone]));
    }
    let edits = [put, Edit::delete(Span::new(start, end))];
    Some(Fix::uncertain(format!("put `--{flag}={value}` on the COPY instead"), edits))
}

/// True if it removes what nothing needs any more.
fn purges(cmd: &Cmd<'_>) -> bool {
    cmd.is_subcommand("autoremove") || cmd.is_subcommand("autopurge")
}

/// Packages that an earlier RUN installed. `last_purge` is the last command of the RUN that removes what nothing
/// needs any more.
fn removed_later(
    cx: &Cx<'_>,
    stage: &Stage,
    cmd: &Cmd<'_>,
    last_purge: &Option<CommandId>,
) -> Option<Finding> {
    let manager = cmd.usage.manager.filter(|m| m.system)?;
    let model = cx.model;
    let names: Vec<&str> = cmd.operands().iter().filter_map(|w| w.as_str()).collect();
    let installs = |step: usize, name: &str| model.installs_named(step, manager.id, name);
    let stages: Vec<&Stage> = model.lineage(stage).take(MAX_RUNS).collect();
    let (name, by) = names.iter().find_map(|name| {
        if installs(cmd.step(), name).is_some() {
            return None;
        }
        let earlier = stages.iter().flat_map(|s| runs(model, s)).filter(|s| *s < cmd.step()).take(MAX_RUNS);
        Some((*name, earlier.filter_map(|s| installs(s, name)).next()?))
    })?;
    let saving = removed_saving(cx, cmd, &by, &names, last_purge.is_some_and(|last| last >= cmd.id()));
    let size = saving.as_ref().map(|s| format!("{} of packages, ", s.amount())).unwrap_or_default();
    let message = if size.is_empty() {
        format!("this frees no space: `{name}` remains in the layer that installed it")
    } else {
        format!("this frees no space: {size}`{name}` among them, remain in the layer that installed them")
    };
    let mut finding = cx
        .at(cmd.head_span(), message)
        .help("install, use and remove it in one RUN, or build in a separate stage")
        .label(by.head_span(), "installed here");
    finding.saving = saving;
    Some(finding)
}

/// What removing the packages in the RUN that installs them would have saved: with what only they need if that
/// goes too, else they alone.
fn removed_saving(cx: &Cx<'_>, cmd: &Cmd<'_>, by: &Cmd<'_>, names: &[&str], purged: bool) -> Option<Saving> {
    let install = cx.apt_install(by.id())?;
    let all = purged || cmd.has_any_flag(&["--auto-remove", "--autoremove"]);
    let bytes =
        if all { install.saved_without(|name| names.contains(&name)) } else { install.bytes_of(names) };
    let bytes = install.written(bytes).bytes;
    let saving = Saving::estimated(bytes, install.source()).of(Part::Packages(by.step()));
    let saving = if install.base_is_known { saving } else { saving.between(0, bytes) };
    (bytes >= WORTHWHILE).then_some(saving)
}

/// True if a command is a program of which it is not known that it installs no packages.
pub(super) fn runs_unknown(cmd: &Cmd<'_>) -> bool {
    !program_is(cmd.program(), Trait::InstallsNothing)
}
