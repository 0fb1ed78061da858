//! What single files weigh that a copy brings.

use super::{Analysis, CopyUse, Stage};

impl Analysis {
    /// The copy that brings the file at `path` of the image before `step`, with the file of the build context that it is
    /// and its bytes. Of the files of a copy only the largest are known.
    #[must_use]
    pub fn brought_file(&self, stage: &Stage, step: usize, path: &str) -> Option<(&CopyUse, String, u64)> {
        let (number, source) = self.copied_from(stage, step, path)?;
        let copy = self.copies.get(number)?;
        let file = self.taken(copy)?.largest.iter().find(|file| file.path == source)?;
        Some((copy, source, file.bytes))
    }
}
