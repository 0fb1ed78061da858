//! The platforms that a build is for: a Dockerfile may have other stages for each.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::context::Progress;
use crate::engine::{BuildChange, ChangeOf, Opened, Rebuilt, read_target};
use crate::report::{CacheFate, CacheRow};
use crate::semantic::{Build, Model};
use crate::syntax::Platform;
use crate::workspace::Files;

use super::rows;

/// The platforms that are not shown, and what is said of them.
pub(super) struct Platforms<'b> {
    build: &'b Opened,
    others: Vec<Platform>,
    pub(super) notes: Vec<String>,
}

impl<'b> Platforms<'b> {
    /// Those of `all` but the one that `build` is for. Where nobody says which it is for and the stages that are built
    /// depend on it, that is a note.
    pub(super) fn of(build: &'b Opened, all: Vec<Platform>, is_told: bool) -> Self {
        let own = build.target.build.platform.as_ref();
        let asks = build.asks_for_platform();
        let is_said = is_told || !all.is_empty() || build.target.entry().is_some();
        let others = all.into_iter().filter(|platform| asks && Some(platform) != own).collect();
        let mut notes = Vec::new();
        if let Some(own) = own.filter(|_| asks && !is_said && stages_differ(build)) {
            notes.push(format!(
                "Which stages are built depends on the platform; this is {own}: choose another with `--platform`."
            ));
        }
        Self { build, others, notes }
    }

    /// Judges them, and notes what differs from `shown`.
    pub(super) fn judge(
        &mut self,
        root: &Path,
        change: &BuildChange,
        change_of: &ChangeOf<'_>,
        (shown, progress): (&[CacheRow], &Progress),
    ) -> io::Result<()> {
        let all = |rows: &[CacheRow]| -> Vec<(u32, CacheFate)> {
            rows.iter().map(|row| (row.lines.0, row.fate)).collect()
        };
        for platform in &self.others {
            let mut target = self.build.target.clone();
            target.build.platform = Some(platform.clone());
            // One that cannot be read is said of the platform that is shown.
            let Ok(analysis) = read_target(&Files::default(), &target) else { continue };
            let opened = Opened { target, analysis, ..self.build.clone() };
            let (opened, rebuilt, _) =
                Rebuilt::among(opened, root, change.clone(), change_of, (progress, None))?;
            let rows = rows::rows(&opened.analysis, &rebuilt, &|_| Default::default());
            if all(&rows) == all(shown) {
                continue;
            }
            let own = rows.iter().filter(|row| !row.base);
            let (mut again, mut perhaps, mut layers) = (0, 0, 0);
            for row in own {
                layers += 1;
                again += usize::from(row.fate == CacheFate::Rebuilt);
                perhaps += usize::from(row.fate == CacheFate::Perhaps);
            }
            let may_be = if perhaps > 0 { format!(", and {perhaps} more may be") } else { String::new() };
            self.notes.push(format!(
                "The build is also for {platform}, where {again} of {layers} layers are rebuilt{may_be}: \
                 `--platform {platform}` shows them."
            ));
        }
        Ok(())
    }
}

/// True if stages are built on some platforms only.
fn stages_differ(build: &Opened) -> bool {
    let on_any = Build { platform: None, ..build.target.build.clone() };
    let on_any = Model::of_build(Arc::clone(&build.analysis.file), &on_any);
    let reached = |model: &Model| model.stages.iter().filter(|stage| stage.reachable).count();
    reached(&on_any) != reached(&build.analysis)
}
