//! What COPY and ADD bring.

use crate::context::{QueryResult, SourceStatus};
use crate::lock::LockedFetch;
use crate::semantic::{
    Analysis, CopyFrom, CopySource, CopyUse, NamedContext, SiblingImage, SourceKind, Stage, StageId, Unpacks,
    covers, is_file_name, is_tar, path_in_image,
};
use crate::syntax::{ImageRef, Kind};
use crate::text::Span;

use super::super::MAX_LINEAGE;
use super::{Component, Estimate, Planned, Planner, Provenance, Row, fetched};

impl Planner<'_> {
    /// The components of a COPY or ADD.
    pub(super) fn copied(&mut self, step: usize) -> Vec<Component> {
        let model = self.model;
        let from = model.copies.partition_point(|c| c.step < step);
        self.brought(step, model.copies[from..].iter().take_while(|c| c.step == step))
    }

    /// The components of a COPY or ADD that a stage runs since the one below it has it as ONBUILD.
    pub(super) fn triggered(&mut self, stage: &Stage, step: usize) -> Vec<Component> {
        let own = self.model.triggered.iter().filter(|t| t.stage == stage.index && t.copy.step == step);
        self.brought(step, own.map(|triggered| &triggered.copy))
    }

    fn brought<'a>(&mut self, step: usize, copies: impl Iterator<Item = &'a CopyUse>) -> Vec<Component> {
        let instruction = self.model.instruction(step);
        let inline = instruction.heredocs.iter().map(|h| {
            Component::known(
                "here-document",
                h.marker,
                Estimate::measured(u64::from(h.body.len()), "Dockerfile"),
            )
        });
        let copies = copies.filter(|c| !c.mount);
        let taken = copies.flat_map(|copy| match &copy.from {
            CopyFrom::Context | CopyFrom::Folder(_) => self.taken_from_context(copy),
            CopyFrom::Stage(stage) => self.taken_from_stage(copy, *stage),
            CopyFrom::Image(image) => self.taken_from_image(copy, image.as_ref()),
            CopyFrom::Named => self.taken_from_named(copy),
            CopyFrom::NoSuchStage | CopyFrom::Unknown => {
                vec![Component::unknown("files from an unknown stage", span(copy))]
            }
        });
        inline.chain(taken).collect()
    }

    fn taken_from_context(&self, copy: &CopyUse) -> Vec<Component> {
        let mut components = Vec::new();
        let mut paths: Vec<(&str, Span)> = Vec::new();
        for source in &copy.sources {
            let what = match (source.kind, source.value.known()) {
                (SourceKind::Url, Some(address)) => match self.images.fetched.get(address) {
                    Some(fetch) => {
                        components.push(self.added(copy, address, fetch, source.span));
                        continue;
                    }
                    None => "files downloaded from the network",
                },
                (SourceKind::Url, None) => "files downloaded from the network",
                (SourceKind::Git, _) => "a Git repository",
                (SourceKind::Path, Some(path)) => {
                    paths.push((path, source.span));
                    continue;
                }
                (SourceKind::Path | SourceKind::Unknown, _) => "files named by a variable",
            };
            components.push(Component::unknown(what, source.span));
        }
        if paths.is_empty() {
            return components;
        }
        let folder = match &copy.from {
            CopyFrom::Folder(name) => format!("the named context `{name}`"),
            _ => "the build context".to_owned(),
        };
        let Some(result) = self.model.taken(copy) else {
            let what = match &copy.from {
                CopyFrom::Folder(_) => format!("files from {folder}, which was not measured"),
                _ => "files from a build context that was not measured".to_owned(),
            };
            components.push(Component::unknown(what, span(copy)));
            return components;
        };
        let mut archives = Archives::default();
        if copy.can_unpack() {
            for (path, span) in &paths {
                archives.take(self.model, path, *span, result);
            }
        }
        if result.sources.iter().any(|s| s.status == SourceStatus::Missing) {
            components.push(Component::unknown(format!("files that are not in {folder}"), span(copy)));
        }
        // Archives are counted by what is in them.
        let (bytes, most) = bytes_of(copy, result);
        let bytes = bytes.saturating_sub(archives.packed);
        let files = result.total.files.saturating_sub(archives.files);
        let what = match files {
            0 => format!("files of {folder}"),
            1 => format!("1 file of {folder}"),
            n => format!("{n} files of {folder}"),
        };
        let largest = result.largest.iter().map(|f| (f.path.clone(), f.bytes));
        let largest = largest.filter(|(path, _)| !archives.paths.contains(path)).collect();
        let mut estimate = Estimate::measured(bytes, "build context");
        estimate.range.1 = most.saturating_sub(archives.packed);
        if files > 0 || archives.files == 0 {
            components.insert(0, Component { largest, ..Component::known(what, span(copy), estimate) });
        }
        components.extend(archives.components);
        components
    }

    /// What a copy takes of an image, where its registry has told what is at these paths.
    fn taken_from_image(&self, copy: &CopyUse, image: Option<&ImageRef>) -> Vec<Component> {
        let locked = image.and_then(|image| Some((image, self.images.locked(image, self.arch)?)));
        let Some((image, locked)) = locked else {
            return vec![Component::unknown("files from another image", span(copy))];
        };
        let one = |source: &CopySource| {
            let bytes = source.value.known().and_then(path_in_image).and_then(|path| locked.paths.get(&path));
            let what = format!("files from `{}`", image.familiar_path());
            match bytes {
                None => Component::unknown(what, source.span),
                Some(bytes) => {
                    let source_of = format!("locked {}, {}", locked.date, image.registry);
                    let (bytes, provenance) = (*bytes, Provenance::Registry);
                    let estimate = Estimate { bytes, range: (bytes, bytes), provenance, source: source_of };
                    Component::known(what, source.span, estimate)
                }
            }
        };
        copy.sources.iter().map(one).collect()
    }

    /// What an ADD downloads; `--unpack` puts what is in an archive into its place.
    fn added(&self, copy: &CopyUse, address: &str, fetch: &LockedFetch, span: Span) -> Component {
        let name = address.rsplit('/').next().unwrap_or(address);
        let unpacks = self
            .model
            .instruction(copy.step)
            .flag("unpack")
            .is_some_and(|flag| flag.value.as_deref() != Some("false"));
        match unpacks.then(|| fetched::of_archive(address, fetch)) {
            None => Component::known(format!("`{name}`, downloaded"), span, fetched::of_file(address, fetch)),
            Some(Some(estimate)) => Component::known(format!("`{name}`, unpacked"), span, estimate),
            Some(None) => Component::unknown(format!("`{name}`, unpacked"), span),
        }
    }

    /// What a copy takes of another stage, or of the image of another build that the stage starts from.
    fn taken_from_stage(&mut self, copy: &CopyUse, from: StageId) -> Vec<Component> {
        let model = self.model;
        let Some(stage) = model.stages.get(from) else { return Vec::new() };
        let name = stage.name.as_deref().map_or_else(|| from.to_string(), |n| format!("`{n}`"));
        let here = Made { model, planned: &self.planned };
        let components = here.taken(copy, stage, &format!("stage {name}"));
        // What neither the stage nor those that it starts from bring, an image below them may.
        if components.iter().all(|c| c.estimate.is_none())
            && here.brings_nothing(stage)
            && let Some((context, NamedContext::Build(image))) = model.named_base(stage)
        {
            return self.taken_from_sibling(copy, context, image);
        }
        components
    }

    /// What a copy takes of a named context that is no folder.
    fn taken_from_named(&mut self, copy: &CopyUse) -> Vec<Component> {
        let model = self.model;
        let named = model.copy_reference(copy).and_then(|(name, _)| model.build().context_called(name));
        match named {
            Some((context, NamedContext::Build(image))) => self.taken_from_sibling(copy, context, image),
            _ => vec![Component::unknown("files from a named build context", span(copy))],
        }
    }

    /// What a copy takes of the image of another build. No trigger runs for that.
    fn taken_from_sibling(&mut self, copy: &CopyUse, context: &str, image: &SiblingImage) -> Vec<Component> {
        let name = format!("the image of `{}`", image.name);
        let unknown = || vec![Component::unknown(format!("files from {name}"), span(copy))];
        let Some(sibling) = self.sibling(context, image, self.arch) else { return unknown() };
        let sibling = match sibling.model.build().contexts.get(context) {
            _ if !image.is_triggers => sibling,
            // It was planned as what the triggers start from.
            Some(NamedContext::Build(below)) => match self.sibling(context, below, self.arch) {
                Some(below) => below,
                None => return unknown(),
            },
            _ => return unknown(),
        };
        let made = Made { model: &sibling.model, planned: &sibling.planned };
        match sibling.model.final_stage() {
            Some(stage) => made.taken(copy, stage, &name),
            None => unknown(),
        }
    }
}

/// Stages that are planned, and what they mean.
struct Made<'a> {
    model: &'a Analysis,
    planned: &'a Planned,
}

impl Made<'_> {
    /// What a copy takes of a stage, as far as that got it from its build context or installed it there.
    fn taken(&self, copy: &CopyUse, stage: &Stage, name: &str) -> Vec<Component> {
        let model = self.model;
        let mut components = Vec::new();
        for source in &copy.sources {
            let unknown = || Component::unknown(format!("files from {name}"), source.span);
            let Some(path) = source.value.known().filter(|p| !p.contains(['*', '?', '['])) else {
                components.push(unknown());
                continue;
            };
            let path = format!("/{}", path.trim_start_matches('/').trim_end_matches('/'));
            let installed = self.within(stage, &path);
            if !installed.is_empty() {
                components.extend(installed.into_iter().map(|component| Component {
                    what: format!("{} from {name}", component.what),
                    span: source.span,
                    folder: None,
                    ..component
                }));
                continue;
            }
            let brought = model.copies_within(stage, stage.steps.end, std::slice::from_ref(&path));
            let bytes = model.measured_together(&brought);
            match bytes.filter(|_| !brought.is_empty()) {
                Some(bytes) => {
                    let estimate = Estimate::measured(bytes, "build context");
                    components.push(Component::known(format!("files from {name}"), source.span, estimate));
                    // Commands may have added to a folder, or changed what is in it.
                    let is_one_file =
                        matches!(brought[..], [one] if one.targets() == [path.clone()] && is_single(one));
                    if !is_one_file && self.writes(stage) {
                        components.push(Component::unknown(format!("files that {name} adds"), source.span));
                    }
                }
                None => components.push(unknown()),
            }
        }
        components
    }

    /// What a stage, or those that it starts from, put into folders at or below `path`.
    fn within(&self, stage: &Stage, path: &str) -> Vec<Component> {
        let stages = self.model.lineage(stage).take(MAX_LINEAGE);
        let planned = stages.filter_map(|s| self.planned.of(s));
        let components = planned.flat_map(|p| &p.rows).flat_map(|r| &r.components);
        // Below /var is more than what an install has noted there.
        let tells_all = |f: &str| !f.is_empty() && (!f.starts_with("/var/") || f == path);
        let hit = |p: &&Component| p.folder.as_deref().is_some_and(|f| tells_all(f) && covers(path, f));
        components.filter(|p| path != "/" && hit(p)).cloned().collect()
    }

    /// True if a RUN of a stage, or of those that it starts from, may write something.
    fn writes(&self, stage: &Stage) -> bool {
        self.model.lineage(stage).take(MAX_LINEAGE).any(|s| {
            self.planned.of(s).is_none_or(|plan| plan.rows.iter().any(|row| row.provenance().is_none()))
        })
    }

    /// True if no instruction of a stage, or of those that it starts from, writes a file.
    fn brings_nothing(&self, stage: &Stage) -> bool {
        let is_base = |row: &Row| matches!(self.model.instruction(row.step).kind, Kind::From(_));
        self.model.lineage(stage).take(MAX_LINEAGE).all(|s| {
            self.planned.of(s).is_some_and(|plan| {
                plan.rows.iter().all(|row| is_base(row) || row.provenance().is_some() && row.sum().bytes == 0)
            })
        })
    }
}

/// The archives among the sources of an ADD.
#[derive(Default)]
struct Archives {
    components: Vec<Component>,
    paths: Vec<String>,
    /// How many, and their own bytes.
    files: u64,
    packed: u64,
}

impl Archives {
    /// Those that a source names. Where nobody has looked, the name tells.
    fn take(&mut self, model: &Analysis, source: &str, span: Span, result: &QueryResult) {
        let weights = model.weights_of(source);
        if weights.is_empty() && (is_tar(source) || hits_archive(source, result)) {
            let own = result.sources.iter().find(|s| s.source == source).map(|s| s.total).unwrap_or_default();
            self.files += own.files.saturating_sub(1);
            return self.add(source, own.bytes, span, None);
        }
        for weight in weights {
            match weight.unpacks {
                Unpacks::Nothing => {}
                Unpacks::To(bytes) => self.add(&weight.path, weight.bytes, span, Some(bytes)),
                Unpacks::Unknown => self.add(&weight.path, weight.bytes, span, None),
            }
        }
    }

    fn add(&mut self, path: &str, packed: u64, span: Span, bytes: Option<u64>) {
        let what = format!("`{path}`, unpacked");
        self.components.push(match bytes {
            Some(bytes) => Component::known(what, span, Estimate::measured(bytes, "the archive itself")),
            None => Component::unknown(what, span),
        });
        self.paths.push(path.to_owned());
        self.files += 1;
        self.packed = self.packed.saturating_add(packed);
    }
}

/// True if a pattern hits an archive by itself; those in a folder that it hits are copied as they are.
fn hits_archive(source: &str, result: &QueryResult) -> bool {
    let depth = |path: &str| path.trim_start_matches("./").trim_matches('/').matches('/').count();
    source.contains(['*', '?', '['])
        && result.largest.iter().any(|f| is_tar(&f.path) && depth(&f.path) == depth(source))
}

/// What a copy writes, and the most: a hard link stays one within a folder that is copied, and becomes a file where
/// it is named.
fn bytes_of(copy: &CopyUse, result: &QueryResult) -> (u64, u64) {
    let together = result.total.bytes;
    if together == result.apart {
        return (together, together);
    }
    let wild = |s: &&str| s.contains(['*', '?', '[']);
    let named = copy.sources.iter().filter_map(|s| s.value.known()).filter(wild).count();
    let alone = result.sources.iter().all(|s| s.total.files <= 1);
    match copy.sources.len() {
        1 if named == 0 => (together, together),
        _ if alone || named == copy.sources.len() => (result.apart, result.apart),
        _ => (together, result.apart),
    }
}

/// True if a copy takes one file, by its name.
fn is_single(copy: &CopyUse) -> bool {
    matches!(&copy.sources[..], [only] if only.value.known().is_some_and(is_file_name))
}

fn span(copy: &CopyUse) -> Span {
    match (copy.sources.first(), copy.sources.last()) {
        (Some(a), Some(b)) => a.span.to(b.span),
        _ => Span::at(0),
    }
}
