//! What COPY and ADD bring.

use crate::context::{QueryResult, SourceStatus};
use crate::semantic::{CopyFrom, CopyUse, SourceKind, Stage, covers, is_file_name, is_tar};
use crate::text::Span;

use super::super::MAX_LINEAGE;
use super::{Figure, Piece, Planner};

impl Planner<'_> {
    /// The pieces of a COPY or ADD.
    pub(super) fn copied(&self, step: usize) -> Vec<Piece> {
        let model = self.model;
        let instruction = model.instruction(step);
        let inline = instruction.heredocs.iter().map(|h| {
            Piece::known("here-document", h.marker, Figure::measured(u64::from(h.body.len()), "Dockerfile"))
        });
        let from = model.copies.partition_point(|c| c.step < step);
        let copies = model.copies[from..].iter().take_while(|c| c.step == step).filter(|c| !c.mount);
        let taken = copies.flat_map(|copy| match &copy.from {
            CopyFrom::Context => self.taken_from_context(copy),
            CopyFrom::Stage(stage) => self.taken_from_stage(copy, *stage),
            CopyFrom::Image(_) => vec![Piece::unknown("files of another image", span(copy))],
            CopyFrom::NoSuchStage | CopyFrom::Unknown => {
                vec![Piece::unknown("files of a stage that is not known", span(copy))]
            }
        });
        inline.chain(taken).collect()
    }

    fn taken_from_context(&self, copy: &CopyUse) -> Vec<Piece> {
        let mut pieces = Vec::new();
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
            pieces.push(Piece::unknown(what, source.span));
        }
        if plain == 0 {
            return pieces;
        }
        let Some(result) = self.model.taken(copy) else {
            pieces.push(Piece::unknown("files of a build context that was not measured", span(copy)));
            return pieces;
        };
        if copy.add && names_archive(result) {
            pieces.push(Piece::unknown("what the archive unpacks to", span(copy)));
            return pieces;
        }
        let missing = result.sources.iter().any(|s| s.status == SourceStatus::Missing);
        if missing {
            pieces.push(Piece::unknown("files that are not in the build context", span(copy)));
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
        let known = Piece::known(what, span(copy), Figure::measured(bytes, "build context"));
        pieces.insert(0, Piece { largest, ..known });
        pieces
    }

    fn plain_bytes(&self, copy: &CopyUse, result: &QueryResult) -> u64 {
        let plain = copy.sources.iter().filter(|s| s.value.known().is_some_and(|p| !is_tar(p)));
        plain.filter_map(|s| result.sources.get(s.asked?)).map(|s| s.total.bytes).fold(0, u64::saturating_add)
    }

    /// What a copy takes of another stage, as far as that stage got it from the build context.
    fn taken_from_stage(&self, copy: &CopyUse, from: usize) -> Vec<Piece> {
        let model = self.model;
        let Some(stage) = model.stages.get(from) else { return Vec::new() };
        let name = stage.name.as_deref().map_or_else(|| from.to_string(), |n| format!("`{n}`"));
        let mut pieces = Vec::new();
        for source in &copy.sources {
            let unknown = || Piece::unknown(format!("files of stage {name}"), source.span);
            let Some(path) = source.value.known().filter(|p| !p.contains(['*', '?', '['])) else {
                pieces.push(unknown());
                continue;
            };
            let path = format!("/{}", path.trim_start_matches('/').trim_end_matches('/'));
            let installed = self.within(stage, &path);
            if !installed.is_empty() {
                pieces.extend(installed.into_iter().map(|piece| Piece {
                    what: format!("{} of stage {name}", piece.what),
                    span: source.span,
                    folder: None,
                    ..piece
                }));
                continue;
            }
            let brought = model.copies_within(stage, stage.steps.end, std::slice::from_ref(&path));
            let bytes = model.measured_together(&brought);
            match bytes.filter(|_| !brought.is_empty()) {
                Some(bytes) => {
                    let figure = Figure::measured(bytes, "build context");
                    pieces.push(Piece::known(format!("files of stage {name}"), source.span, figure));
                    // Commands may have added to a folder, or changed what is in it.
                    let is_one_file =
                        matches!(brought[..], [one] if one.targets() == [path.clone()] && is_single(one));
                    if !is_one_file && self.writes(from) {
                        pieces.push(Piece::unknown(format!("what stage {name} adds to it"), source.span));
                    }
                }
                None => pieces.push(unknown()),
            }
        }
        pieces
    }

    /// What a stage, or those that it starts from, put into folders at or below `path`.
    fn within(&self, stage: &Stage, path: &str) -> Vec<Piece> {
        let stages = self.model.lineage(stage).take(MAX_LINEAGE);
        let planned = stages.filter_map(|s| self.stages.get(*self.done.get(&s.index)?));
        let pieces = planned.flat_map(|p| &p.rows).flat_map(|r| &r.pieces);
        let hit = |p: &&Piece| p.folder.as_deref().is_some_and(|f| !f.is_empty() && covers(path, f));
        pieces.filter(|p| path != "/" && hit(p)).cloned().collect()
    }

    /// True if a RUN of a stage, or of those that it starts from, may write something.
    fn writes(&self, stage: usize) -> bool {
        let Some(stage) = self.model.stages.get(stage) else { return true };
        self.model.lineage(stage).take(MAX_LINEAGE).any(|s| {
            let planned = self.done.get(&s.index).and_then(|at| self.stages.get(*at));
            planned.is_none_or(|plan| plan.rows.iter().any(|row| row.basis().is_none()))
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
