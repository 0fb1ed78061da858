use super::model::LargeFile;
use crate::text::Arrange;

/// What tells one file with several hard links: device and inode.
pub(super) type FileId = (u64, u64);

/// The largest files of a stream, each once, however many links it has.
#[derive(Debug, Clone)]
pub(super) struct Largest {
    most: usize,
    files: Vec<(u64, Vec<u8>, Option<FileId>)>,
}

impl Largest {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, files: Vec::new() }
    }

    pub(super) fn push(&mut self, bytes: u64, path: &[u8], id: Option<FileId>) {
        let full = self.files.len() >= self.most;
        let below =
            |last: &(u64, Vec<u8>, _)| bytes < last.0 || (bytes == last.0 && last.1.as_slice() < path);
        if bytes == 0 || (full && self.files.last().is_none_or(below)) {
            return;
        }
        if id.is_some()
            && let Some(at) = self.files.iter().position(|f| f.2 == id)
        {
            if self.files.get(at).is_some_and(|f| f.1.as_slice() <= path) {
                return;
            }
            self.files.remove(at);
        }
        let at = self.files.partition_point(|f| f.0 > bytes || (f.0 == bytes && f.1.as_slice() < path));
        if at < self.most {
            self.files.insert(at, (bytes, path.to_vec(), id));
            self.files.truncate(self.most);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (bytes, path, id) in other.files {
            self.push(bytes, &path, id);
        }
    }

    pub(super) fn finish(self) -> Vec<LargeFile> {
        self.files.into_iter().map(|(bytes, path, _)| LargeFile { path: lossy(&path), bytes }).collect()
    }
}

/// The first of a stream, in order, and how many there were.
#[derive(Debug, Clone)]
pub(super) struct Capped<T> {
    most: usize,
    items: Vec<T>,
    pub(super) total: u64,
}

impl<T: Ord> Capped<T> {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, items: Vec::new(), total: 0 }
    }

    pub(super) fn push(&mut self, item: T) {
        self.total += 1;
        self.items.push(item);
        if self.items.len() >= 2 * self.most {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        self.items.arrange();
        self.items.truncate(self.most);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.total += other.total;
        self.items.extend(other.items);
        self.shrink();
    }

    pub(super) fn finish(mut self) -> Vec<T> {
        self.shrink();
        self.items
    }
}

/// A path for display.
pub(super) fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
