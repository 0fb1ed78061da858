//! What COPY and ADD bring.

use crate::context::{QueryResult, SourceStatus};
use crate::semantic::{CopyFrom, CopyUse, SourceKind, Stage, covers, is_file_name, is_tar};
use crate::text::Span;

use super::super::MAX_LINEAGE;
use super::{Component, Estimate, Planner};

impl Planner<'_> {
    /// The components of a COPY or ADD.
    pub(super) fn copied(&self, step: usize) -> Vec<Component> {
        let model = self.model;
        let instruction = model.instruction(step);
        let inline = instruction.heredocs.iter().map(|h| {
            Component::known(
                "here-document",
                h.marker,
                Estimate::measured(u64::from(h.body.len()), "Dockerfile"),
            )
        });
        let from = model.copies.partition_point(|c| c.step < step);
        let copies = model.copies[from..].iter().take_while(|c| c.step == step).filter(|c| !c.mount);
        let taken = copies.flat_map(|copy| match &copy.from {
            CopyFrom::Context => self.taken_from_context(copy),
            CopyFrom::Stage(stage) => self.taken_from_stage(copy, *stage),
            CopyFrom::Image(_) => vec![Component::unknown("files of another image", span(copy))],
            CopyFrom::NoSuchStage | CopyFrom::Unknown => {
                vec![Component::unknown("files of a stage that is not known", span(copy))]
            }
        });
        inline.chain(taken).collect()
    }

    fn taken_from_context(&self, copy: &CopyUse) -> Vec<Component> {
        let mut components = Vec::new();
        let mut plain = 0;
        for source in &copy.sources {
            let what = match (source.kind, source.value.known()) {
                (SourceKind::Url, _) => "what is fetched from the network",
                (SourceKind::Git, _) => "a Git repository",
                (SourceKind::Path, Some(path)) if copy.add && is_tar(path) => "what the archive unpacks to",
                (SourceKind::Path, Some(_)) => {
                    plain += 1;
                    continue;
                }
                (SourceKind::Path | SourceKind::Unknown, _) => "files that a variable names",
            };
            components.push(Component::unknown(what, source.span));
        }
        if plain == 0 {
            return components;
        }
        let Some(result) = self.model.taken(copy) else {
            components.push(Component::unknown("files of a build context that was not measured", span(copy)));
            return components;
        };
        if copy.add && names_archive(result) {
            components.push(Component::unknown("what the archive unpacks to", span(copy)));
            return components;
        }
        let missing = result.sources.iter().any(|s| s.status == SourceStatus::Missing);
        if missing {
            components.push(Component::unknown("files that are not in the build context", span(copy)));
        }
        // Archives are counted by what is in them, so the sum of the sources that are none is taken.
        let whole = plain == copy.sources.len();
        let bytes = if whole { result.total.bytes } else { self.plain_bytes(copy, result) };
        let files = if whole { result.total.files } else { 0 };
        let what = match files {
            0 => "files of the build context".to_owned(),
            1 => "1 file of the build context".to_owned(),
            n => format!("{n} files of the build context"),
        };
        let largest = result.largest.iter().map(|f| (f.path.clone(), f.bytes)).collect();
        let known = Component::known(what, span(copy), Estimate::measured(bytes, "build context"));
        components.insert(0, Component { largest, ..known });
        components
    }

    fn plain_bytes(&self, copy: &CopyUse, result: &QueryResult) -> u64 {
        let plain = copy.sources.iter().filter(|s| s.value.known().is_some_and(|p| !is_tar(p)));
        plain.filter_map(|s| result.sources.get(s.asked?)).map(|s| s.total.bytes).fold(0, u64::saturating_add)
    }

    /// What a copy takes of another stage, as far as that stage got it from the build context.
    fn taken_from_stage(&self, copy: &CopyUse, from: usize) -> Vec<Component> {
        let model = self.model;
        let Some(stage) = model.stages.get(from) else { return Vec::new() };
        let name = stage.name.as_deref().map_or_else(|| from.to_string(), |n| format!("`{n}`"));
        let mut components = Vec::new();
        for source in &copy.sources {
            let unknown = || Component::unknown(format!("files of stage {name}"), source.span);
            let Some(path) = source.value.known().filter(|p| !p.contains(['*', '?', '['])) else {
                components.push(unknown());
                continue;
            };
            let path = format!("/{}", path.trim_start_matches('/').trim_end_matches('/'));
            let installed = self.within(stage, &path);
            if !installed.is_empty() {
                components.extend(installed.into_iter().map(|component| Component {
                    what: format!("{} of stage {name}", component.what),
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
                    components.push(Component::known(
                        format!("files of stage {name}"),
                        source.span,
                        estimate,
                    ));
                    // Commands may have added to a folder, or changed what is in it.
                    let is_one_file =
                        matches!(brought[..], [one] if one.targets() == [path.clone()] && is_single(one));
                    if !is_one_file && self.writes(from) {
                        components
                            .push(Component::unknown(format!("what stage {name} adds to it"), source.span));
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
        let planned = stages.filter_map(|s| self.stages.get(*self.done.get(&s.index)?));
        let components = planned.flat_map(|p| &p.rows).flat_map(|r| &r.components);
        let hit = |p: &&Component| p.folder.as_deref().is_some_and(|f| !f.is_empty() && covers(path, f));
        components.filter(|p| path != "/" && hit(p)).cloned().collect()
    }

    /// True if a RUN of a stage, or of those that it starts from, may write something.
    fn writes(&self, stage: usize) -> bool {
        let Some(stage) = self.model.stages.get(stage) else { return true };
        self.model.lineage(stage).take(MAX_LINEAGE).any(|s| {
            let planned = self.done.get(&s.index).and_then(|at| self.stages.get(*at));
            planned.is_none_or(|plan| plan.rows.iter().any(|row| row.provenance().is_none()))
        })
    }
}

/// True if a pattern hits an archive by itself; those in a folder that it hits are copied as they are.
fn names_archive(result: &QueryResult) -> bool {
    let depth = |path: &str| path.trim_start_matches("./").trim_matches('/').matches('/').count();
    let patterns = result.sources.iter().filter(|s| s.source.contains(['*', '?', '[']));
    let hits = |depths: usize| result.largest.iter().any(|f| is_tar(&f.path) && depth(&f.path) == depths);
    patterns.map(|s| depth(&s.source)).any(hits)
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
