use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dockerignore::IgnoreFile;

use crate::context::{
    Detail, ListedFile, Progress, Scan, ScanRequest, SecretKind, SourceQuery, SourceStatus, Suggestion,
    Tally, scan, scan_files, suggestions,
};
use crate::engine::{IgnoreChange, likely_context, load_ignore, measure_named, read_target, settle_builder};
use crate::entries::Entries;
use crate::report::{
    self, Amount, ContextReport, FileRow, LeftLine, PatternRow, SecretRow, SourceRow, SourceState,
    SuggestionRow, TakenRow, TopRow, WarningRow, sanitize,
};
use crate::rules::checks::secret_names::without_secrets;
use crate::semantic::{Analysis, Build, Builder, CopyFrom, CopyUse, Model, SourceKind};
use crate::text::{Arrange, Source, Span, plain_path};
use crate::workspace::{ContextSource, Files, Overrides, SettingsByFolder, Target, describe};

use super::Exit;
use super::args::{ContextArgs, TableFormatArg};
use super::color;
use super::output;
use super::progress;
use super::project::{dockerfile_in, first_of, named_build};

/// Measures a build context and prints what it weighs.
pub(super) fn run(args: &ContextArgs) -> io::Result<Exit> {
    let measured = Progress::default();
    let report = match progress::shown(false, &measured, || gather(args, &measured)) {
        Ok(report) => report,
        Err(message) => return Ok(output::failed(&message)),
    };
    let stdout = io::stdout();
    let style = color::style(args.color, &stdout, false);
    let mut out = io::BufWriter::new(stdout.lock());
    match args.format {
        TableFormatArg::Human => report::write_context(&mut out, &report, &style)?,
        TableFormatArg::Json => report::write_context_json(&mut out, &report)?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// The Dockerfile of the build, if there is one.
fn dockerfile(args: &ContextArgs) -> Option<PathBuf> {
    args.file.clone().or_else(|| dockerfile_in(&args.dir, args.build.builder().unwrap_or_default()))
}

/// The build that is asked about: the one that is named, or, where nobody says how the context is built, what files of
/// the project build with it.
fn told(args: &ContextArgs, files: &Files) -> Result<Option<Target>, String> {
    let platform = args.build.build()?.platform;
    if let Some(name) = &args.entries.entry {
        let told = named_build(files, Some(&args.dir), name, args.entries.environment())?;
        return Ok(Some(told.on_one_platform(platform)));
    }
    let is_said = args.build.target.is_some() || !args.build.build_arg.is_empty() || platform.is_some();
    if args.file.is_some() || is_said || args.entries.no_entries {
        return Ok(None);
    }
    let own = dockerfile(args);
    let start = own.clone().unwrap_or_else(|| args.dir.join("Dockerfile"));
    let entries = Entries::find(files, [start.as_path()], &[], args.entries.environment(), &|_| false);
    let real = |path: &Path| path.canonicalize().ok();
    let is_of_dir = |target: &Target| {
        let folder = target.context_folder().and_then(|folder| real(&folder));
        folder.is_some() && folder == real(&args.dir)
    };
    let builds = match &own {
        Some(path) => entries.builds_of(path),
        None => entries.iter().filter_map(|(.., target)| target.cloned()).collect(),
    };
    let first = first_of(builds.into_iter().filter(is_of_dir).collect());
    Ok(first.map(|first| first.on_one_platform(None)))
}

/// Measures; an error is a sentence for people.
fn gather(args: &ContextArgs, progress: &Progress) -> Result<ContextReport, String> {
    let files = Files::default();
    let told = told(args, &files)?;
    let dir = match &told {
        Some(target) => {
            target.context_folder().ok_or("the context of this build is not a folder on this machine")?
        }
        None => args.dir.clone(),
    };
    let named = told.as_ref().and_then(Target::path).map(Path::to_path_buf).or_else(|| dockerfile(args));
    if named.is_none() && args.build.target.is_some() {
        return Err("there is no Dockerfile to take --target from".to_owned());
    }
    // The ignore file's name comes from the Dockerfile's, so one is needed even if it does not exist.
    let path = named.clone().unwrap_or_else(|| dir.join("Dockerfile"));
    let context = ContextSource::Folder(dir.clone());
    let build = Build { all_args: true, ..args.build.build()? };
    let is_told = told.is_some();
    // One that is written in the file that starts the build is called as the build is.
    let written_there = told.as_ref().filter(|told| told.path().is_none()).and_then(Target::entry);
    let mut target = told.unwrap_or_else(|| Target { context, build, ..Target::of_file(&path) });
    let built_by = settle_builder(&files, &mut target, args.build.builder().or_else(|| configured(&path)));
    let read = || read_target(&files, &target).map_err(|error| sanitize(&error.to_string()).into_owned());
    let model = (named.is_some() || is_told).then(read).transpose()?;
    let queries = model.as_ref().map(Analysis::source_queries).unwrap_or_default();
    let mut problems = Vec::new();
    let ignore = load_ignore(&files, &target, &dir, &mut problems);
    let request = ScanRequest {
        root: dir.clone(),
        tree: &crate::tree::DISK,
        ignore: ignore.as_ref().map(|(file, _)| file),
        queries,
        detail: Detail::Full,
        progress: Some(progress),
    };
    if args.list.is_some() && model.is_none() {
        return Err("there is no Dockerfile to list the sources of: name one with -f".to_owned());
    }
    let scanned =
        if args.list.is_some() { scan_files(&request) } else { scan(&request).map(|s| (s, Vec::new())) };
    let (scan, files) =
        scanned.map_err(|e| format!("{} {}", sanitize(&dir.display().to_string()), describe(&e)))?;
    let mut report = measured(&scan, ignore.as_ref());
    report.context = dir.display().to_string();
    let beside = args.file.is_none() && !is_told;
    report.likely_context = model
        .as_ref()
        .filter(|_| beside)
        .and_then(|model| likely_context(&path, model))
        .map(|folder| folder.display().to_string());
    report.dockerfile = named.map(|path| path.display().to_string()).or(written_there);
    report.target.clone_from(&target.build.target);
    let builder = target.builder();
    if builder != Builder::BuildKit {
        report.builder = Some(builder.name());
        report.built_by = Some((builder.title(), built_by.map(|built_by| built_by.why)));
    }
    let [_, beside] = dockerignore::candidates(&path, &dir);
    report.ignore_into =
        report.ignore_file.clone().unwrap_or_else(|| plain_path(&beside).display().to_string());
    for problem in problems {
        report.warnings.push(WarningRow { path: problem.path.unwrap_or_default(), message: problem.message });
        report.warnings_total += 1;
    }
    if let (Some(model), Some(source)) = (&model, &args.list) {
        report.files = Some(listed(model, &request.queries, files, source.as_deref())?);
    } else if let Some(model) = &model {
        report.agree_with_fix(&target, model, progress);
    }
    if let Some(model) = &model {
        // The classic builder gets all that is left.
        let sent = if builder == Builder::Classic { scan.kept } else { scan.sent };
        report.sent = Some(amount(sent));
        report.sources = sources(model, &scan, &request.queries, ignore.as_ref().map(|(file, _)| file));
        report.sources.extend(unknown_sources(model));
        let mut unread = Vec::new();
        let named = measure_named(&Files::default(), model, Some(progress), &mut unread);
        for (name, folder) in &named.folders {
            let queries = model.named_queries().remove(name.as_str()).unwrap_or_default();
            let ignore = folder.ignore.as_deref().map(|ignore| &ignore.file);
            let rows = sources(model, &folder.scan, &queries, ignore);
            report.sources.extend(rows.into_iter().map(|row| SourceRow { from: Some(name.clone()), ..row }));
        }
        report.sources.arrange_by_key(|row| row.line);
        for (row, secret) in report.secrets.iter_mut().zip(&scan.secrets) {
            row.lines = secret.queries.iter().map(|id| line_of(model, *id)).collect();
            row.lines.dedup();
        }
    }
    Ok(report)
}

/// What builds the Dockerfile at a path by its settings. What is wrong with those is said where they count for more.
fn configured(path: &Path) -> Option<Builder> {
    let mut problems = Vec::new();
    let mut settings = SettingsByFolder::new(Overrides::default(), &mut problems);
    settings.load_for([path], &mut problems);
    settings.settings(path).builder
}

/// The files that the instructions take, or those that `source` alone takes.
fn listed(
    model: &Model,
    queries: &[SourceQuery],
    files: Vec<ListedFile>,
    source: Option<&str>,
) -> Result<Vec<TakenRow>, String> {
    let clean = |path: &str| dockerignore::filepath::clean(&format!("/{path}"));
    let wanted = source.map(clean);
    let is_wanted = |(query, at): &(usize, usize)| {
        let named = queries.get(*query).and_then(|q| q.sources.get(*at));
        // What rules ask for beside it is no source.
        let own = queries.get(*query).is_some_and(|q| model.step_of_query(q.id).is_some());
        own && named.is_some_and(|named| wanted.as_ref().is_none_or(|wanted| clean(named) == *wanted))
    };
    let all =
        queries.iter().enumerate().flat_map(|(query, q)| (0..q.sources.len()).map(move |at| (query, at)));
    if let Some(source) = source
        && !all.into_iter().any(|taker| is_wanted(&taker))
    {
        return Err(format!("no instruction takes `{}` from the build context", sanitize(source)));
    }
    let row = |file: ListedFile| {
        let takers = file.takers.iter().filter(|taker| is_wanted(taker));
        let mut lines: Vec<u32> =
            takers.filter_map(|(query, _)| Some(line_of(model, queries.get(*query)?.id))).collect();
        lines.dedup();
        (!lines.is_empty()).then_some(TakenRow { path: file.path, bytes: file.bytes, lines })
    };
    Ok(files.into_iter().filter_map(row).collect())
}

impl ContextReport {
    /// Proposes what `dlint size --fix-ignore` adds, and says why it leaves out the rest.
    fn agree_with_fix(&mut self, target: &Target, model: &Analysis, progress: &Progress) {
        if self.suggestions.is_empty() && self.secrets.is_empty() {
            return;
        }
        // What is wrong with the ignore file is said elsewhere.
        let Ok(change) = IgnoreChange::of(target, model, progress) else { return };
        self.suggestions = change.lines.added.into_iter().map(suggestion).collect();
        let left = change.lines.left.into_iter();
        self.left = left.map(|left| LeftLine { line: left.line, why: left.why }).collect();
    }
}

fn suggestion(line: Suggestion) -> SuggestionRow {
    SuggestionRow {
        line: line.line,
        files: line.saves.files,
        bytes: line.saves.bytes,
        sent: line.sent.bytes,
        secret: line.secret,
    }
}

fn line_of(model: &Model, query: usize) -> u32 {
    model.step_of_query(query).map_or(0, |step| model.instruction(step).lines.0)
}

/// What the scan alone says.
fn measured(scan: &Scan, ignore: Option<&(IgnoreFile, Source)>) -> ContextReport {
    let patterns = ignore.map_or_else(Vec::new, |(file, source)| {
        file.patterns()
            .iter()
            .zip(&scan.per_pattern)
            .map(|(pattern, usage)| PatternRow {
                line: pattern.line(),
                text: Span::of(pattern.range()).text(source.text()).to_owned(),
                negated: pattern.is_negated(),
                files: usage.hits.files,
                bytes: usage.hits.bytes,
                matched: usage.matched,
            })
            .collect()
    });
    let mut warnings: Vec<WarningRow> = ignore.map_or_else(Vec::new, |(file, source)| {
        let fault = |e: &dockerignore::Error| WarningRow {
            path: format!("{}:{}", source.name(), e.line()),
            message: format!("{e}: the build stops here"),
        };
        file.errors().iter().take(100).map(fault).collect()
    });
    let faults = warnings.len() as u64;
    warnings.extend(
        scan.warnings.iter().map(|w| WarningRow { path: w.path.clone(), message: w.message.clone() }),
    );
    ContextReport {
        version: 1,
        ignore_file: ignore.map(|(_, source)| source.name().to_owned()),
        total: amount(scan.total),
        kept: amount(scan.kept),
        top: scan
            .per_top
            .iter()
            .map(|t| TopRow {
                name: t.name.clone(),
                folder: t.folder,
                kept: amount(t.kept),
                excluded: amount(t.excluded),
            })
            .collect(),
        patterns,
        largest: scan.largest.iter().map(|f| FileRow { path: f.path.clone(), bytes: f.bytes }).collect(),
        suggestions: suggestions(scan).into_iter().map(suggestion).collect(),
        secrets: scan
            .secrets
            .iter()
            .map(|s| SecretRow {
                path: s.path.clone(),
                bytes: s.bytes,
                kind: secret_kind(s.kind),
                lines: Vec::new(),
            })
            .collect(),
        secrets_total: scan.secrets_total,
        warnings,
        warnings_total: scan.warnings_total + faults,
        ..ContextReport::default()
    }
}

/// What the Dockerfile takes, source by source.
fn sources(
    model: &Model,
    scan: &Scan,
    queries: &[SourceQuery],
    ignore: Option<&IgnoreFile>,
) -> Vec<SourceRow> {
    let mut rows = Vec::new();
    let foreign = model.foreign_triggers();
    for (query, result) in queries.iter().zip(&scan.per_query) {
        let own = model.copy_of_query(query.id).map(|(copy, _)| (copy, model.is_trigger(copy.step)));
        let of_others = || foreign.iter().find_map(|triggers| Some((triggers.copy(query.id)?, true)));
        let Some((copy, is_trigger)) = own.or_else(of_others) else { continue };
        let instruction = instruction_of(copy, is_trigger);
        let asked = copy.sources.iter().filter_map(|source| result.sources.get(source.asked?));
        for source in asked {
            let (status, by) = match source.status {
                SourceStatus::Found => (SourceState::Found, None),
                SourceStatus::Excluded { by } => (SourceState::Excluded, by),
                SourceStatus::Missing => (SourceState::Missing, None),
            };
            rows.push(SourceRow {
                line: line_of(model, query.id),
                instruction,
                source: without_secrets(model.build(), &source.source),
                from: None,
                status,
                excluded_by: by.and_then(|n| ignore?.patterns().get(n)).map(|p| p.line()),
                reached: query.reachable,
                files: source.total.files,
                bytes: source.total.bytes,
            });
        }
    }
    rows
}

/// The sources of the context whose variables have no known value.
fn unknown_sources(model: &Model) -> Vec<SourceRow> {
    let foreign = model.foreign_triggers();
    let own = model.copies_made().map(|(_, copy, stage)| (model, copy.step, copy, stage.reachable));
    let of_others = foreign.iter().flat_map(|triggers| {
        let (own, from) = (triggers.model(), triggers.stage.steps.start);
        own.copies.iter().map(move |copy| (own, from, copy, true))
    });
    let from_context = own.chain(of_others).filter(|(_, _, copy, _)| copy.from == CopyFrom::Context);
    let rows = from_context.flat_map(|(of, step, copy, reached)| {
        let is_trigger = step != copy.step || of.is_trigger(step);
        let unknown = copy.sources.iter().filter(|s| s.kind == SourceKind::Unknown);
        unknown.map(move |source| SourceRow {
            line: model.instruction(step).lines.0,
            instruction: instruction_of(copy, is_trigger),
            source: of.text(source.span).to_owned(),
            from: None,
            status: SourceState::Unknown,
            excluded_by: None,
            reached,
            files: 0,
            bytes: 0,
        })
    });
    rows.collect()
}

const fn instruction_of(copy: &CopyUse, is_trigger: bool) -> &'static str {
    match (copy.mount, copy.add, is_trigger) {
        (true, _, false) => "RUN --mount",
        (true, _, true) => "ONBUILD RUN --mount",
        (false, true, false) => "ADD",
        (false, true, true) => "ONBUILD ADD",
        (false, false, false) => "COPY",
        (false, false, true) => "ONBUILD COPY",
    }
}

const fn amount(tally: Tally) -> Amount {
    Amount { files: tally.files, bytes: tally.bytes }
}

const fn secret_kind(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Environment => "environment file with values",
        SecretKind::PrivateKey => "private key",
        SecretKind::KeyStore => "key store",
        SecretKind::RegistryLogin => "login of a package registry",
        SecretKind::CloudCredentials => "cloud credentials",
        SecretKind::HostPasswords => "stored passwords",
        SecretKind::ClusterConfig => "access to a cluster",
        SecretKind::InfrastructureState => "Terraform state",
    }
}

#[cfg(test)]
mod tests;
