//! Files of the build context that a build or a container starts as programs.

use crate::knowledge::{Trait, program_is};
use crate::shell::Word;
use crate::syntax::Value;

use super::{Cmd, Model, ScriptKind, Stage, paths};

/// The most files of a Dockerfile that are looked at.
const MAX_FILES: usize = 16;

/// Where a program is looked for that is named without a folder.
const PATH: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// A file of the build context that is started.
#[derive(Debug, Clone)]
pub struct Started<'m> {
    /// What starts it.
    pub cmd: Cmd<'m>,
    /// The word that names it.
    pub word: &'m Word,
    /// Where it is in the image.
    pub target: String,
    /// Where it is in the build context.
    pub source: String,
    /// The copy that brings it: index into [`Model::copies`].
    pub copy: usize,
    /// The shell that reads it; `None` if it is started itself.
    pub shell: Option<&'m str>,
}

impl Model {
    /// The files of the build context that RUN starts, and ENTRYPOINT, CMD and HEALTHCHECK of the image.
    #[must_use]
    pub fn started_files(&self) -> Vec<Started<'_>> {
        let mut found: Vec<Started<'_>> = Vec::new();
        if self.copies.is_empty() {
            return found;
        }
        let in_force = self.steps_in_force();
        for script in self.scripts.iter().filter(|s| !s.onbuild && !s.script.opaque) {
            let Some(stage) = self.stage_of(script.step).filter(|s| s.reachable) else { continue };
            let at_end = script.kind != ScriptKind::Run;
            if at_end && !in_force.contains(&script.step) {
                continue;
            }
            for cmd in self.commands_of(script.step) {
                if found.len() == MAX_FILES {
                    return found;
                }
                found.extend(self.started(stage, cmd, at_end));
            }
        }
        found
    }

    /// The steps whose scripts a container of the image runs: the ENTRYPOINT, or the CMD without one, and the
    /// HEALTHCHECK.
    #[must_use]
    pub fn steps_in_force(&self) -> Vec<usize> {
        let Some(stage) = self.final_stage() else { return Vec::new() };
        let entry = self.entry(stage);
        let is_own = |step: usize| self.stage_of(step).is_some_and(|s| s.in_final_image);
        let mut checks =
            self.scripts.iter().rev().filter(|s| s.kind == ScriptKind::Healthcheck && !s.onbuild);
        let check = checks.find(|s| is_own(s.step)).map(|s| s.step);
        // With an ENTRYPOINT, CMD is a list of arguments.
        entry.entrypoint.or(entry.cmd).into_iter().chain(check).filter(|step| is_own(*step)).collect()
    }

    fn started<'m>(&'m self, stage: &'m Stage, cmd: Cmd<'m>, at_end: bool) -> Option<Started<'m>> {
        let shell = cmd.shell();
        let first = shell.program_word()?;
        let name = first.as_str()?;
        let (word, reader) = if program_is(cmd.program(), Trait::Shell) {
            let args = shell.arguments();
            let inline = |w: &Word| w.as_str().is_some_and(|t| t.starts_with('-') && t.contains('c'));
            let at = args.iter().position(|w| !w.static_prefix().starts_with('-'))?;
            if args.get(..at)?.iter().any(inline) {
                return None;
            }
            (args.get(at)?, Some(cmd.program()))
        } else {
            (first, None)
        };
        let path = word.as_str().filter(|p| !p.is_empty() && !p.contains(['*', '?', '~']))?;
        // What `cd` leads to is not followed.
        if cmd.script().changes_folder && !path.starts_with('/') {
            return None;
        }
        let final_stage = self.final_stage().filter(|_| at_end);
        let (stage, step) = final_stage.map_or((stage, cmd.step()), |s| (s, s.steps.end));
        let folder = match final_stage {
            Some(stage) => self.end_state(stage).workdir,
            None => self.steps.get(cmd.step())?.state.workdir,
        };
        let folder = folder.and_then(|i| self.workdirs.get(i)).map_or(&Value::Unknown, |w| &w.path);
        let is_path = path.contains('/') || reader.is_some();
        let targets: Vec<String> = if path.starts_with('/') {
            paths::join("/", path).into_iter().collect()
        } else if is_path {
            folder.known().and_then(|folder| paths::join(folder, path)).into_iter().collect()
        } else if at_end || name.contains('.') || name.contains("entrypoint") {
            PATH.iter().filter_map(|folder| paths::join(folder, path)).collect()
        } else {
            Vec::new()
        };
        targets.into_iter().find_map(|target| {
            let (copy, source) = self.copied_from(stage, step, &target)?;
            Some(Started { cmd, word, target, source, copy, shell: reader })
        })
    }
}
