//! What each layer does to each path of an image, as a tree of folders.

use std::ops::Range;

use super::merge::{Hiding, Put, PutKind};

/// A path in a [`Tree`]: an index, smaller than [`Tree::len`]. The image's own root is the first.
pub type NodeId = usize;

/// All paths of an image. A folder stands directly before all that is in it, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    puts: Vec<Put>,
    names: String,
}

#[derive(Debug, Clone)]
struct Node {
    name: Range<u32>,
    parent: u32,
    /// Behind all that is in it.
    end: u32,
    puts: Range<u32>,
}

/// What is at a path once a layer is on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Nothing, since before the layer.
    Absent,
    /// What lower layers put there.
    Unchanged,
    /// The layer put it where nothing was.
    Added,
    /// The layer put it in place of something.
    Changed,
    /// The layer took it away.
    Removed,
}

/// A tree in the making.
#[derive(Debug, Default)]
pub(super) struct Planting {
    tree: Tree,
    /// The last path, and the nodes of its parts, the root first.
    last: Vec<u8>,
    above: Vec<u32>,
}

#[allow(clippy::cast_possible_truncation, reason = "the budget of the layers allows fewer")]
impl Planting {
    /// Adds what a layer puts at a path; paths come in order, and NUL stands between their parts.
    pub(super) fn push(&mut self, path: &[u8], put: Put) {
        let tree = &mut self.tree;
        if tree.nodes.is_empty() {
            tree.nodes.push(Node { name: 0..0, parent: 0, end: 1, puts: 0..0 });
            self.above.push(0);
        }
        let parts = |path| <[u8]>::split(path, |b| *b == 0).filter(|part| !part.is_empty());
        let same = parts(path).zip(parts(&self.last)).take_while(|(a, b)| a == b).count();
        self.above.truncate(same + 1);
        for part in parts(path).skip(same) {
            let start = tree.names.len() as u32;
            tree.names.push_str(&String::from_utf8_lossy(part));
            let puts = tree.puts.len() as u32;
            let parent = self.above.last().copied().unwrap_or_default();
            self.above.push(tree.nodes.len() as u32);
            tree.nodes.push(Node { name: start..tree.names.len() as u32, parent, end: 0, puts: puts..puts });
        }
        tree.puts.push(put);
        if let Some(node) = self.above.last().and_then(|at| tree.nodes.get_mut(*at as usize)) {
            node.puts.end = tree.puts.len() as u32;
        }
        self.last.clear();
        self.last.extend_from_slice(path);
    }

    /// Works out where folders end.
    pub(super) fn finish(self) -> Tree {
        let mut tree = self.tree;
        for at in (0..tree.nodes.len()).rev() {
            let end = tree.nodes[at].end.max(at as u32 + 1);
            tree.nodes[at].end = end;
            let parent = tree.nodes[at].parent as usize;
            tree.nodes[parent].end = tree.nodes[parent].end.max(end);
        }
        tree
    }
}

impl Tree {
    /// A tree of what stands at each path, written with `/`; paths are in order, and so are the layers of one path.
    #[cfg(test)]
    #[must_use]
    pub fn of(puts: &[(&str, Put)]) -> Self {
        let mut tree = Planting::default();
        for (path, put) in puts {
            tree.push(path.replace('/', "\0").as_bytes(), *put);
        }
        tree.finish()
    }

    /// How many paths there are, folders and the root included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True if there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The last part of the path; what is not UTF-8 is U+FFFD.
    #[must_use]
    pub fn name(&self, node: NodeId) -> &str {
        let name = &self.nodes[node].name;
        self.names.get(name.start as usize..name.end as usize).unwrap_or_default()
    }

    /// The folder that it is in; the root is in itself.
    #[must_use]
    pub fn parent(&self, node: NodeId) -> NodeId {
        self.nodes[node].parent as usize
    }

    /// It and all that is in it.
    #[must_use]
    pub fn below(&self, node: NodeId) -> Range<NodeId> {
        node..self.nodes[node].end as usize
    }

    /// What is directly in a folder.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let Range { start, end } = self.below(node);
        let first = (start + 1 < end).then_some(start + 1);
        std::iter::successors(first, move |at| Some(self.below(*at).end).filter(|next| *next < end))
    }

    /// What layers put there, the lowest first.
    #[must_use]
    pub fn puts(&self, node: NodeId) -> &[Put] {
        let puts = &self.nodes[node].puts;
        &self.puts[puts.start as usize..puts.end as usize]
    }

    /// What is at a path once a layer is on top: what became of it, and what is there, or was until this layer.
    #[must_use]
    pub fn at(&self, node: NodeId, layer: u32) -> (Presence, Option<&Put>) {
        let Some(put) = self.puts(node).iter().rev().find(|put| put.layer <= layer) else {
            return (Presence::Absent, None);
        };
        let presence = match put.until {
            Some((by, _)) if by < layer => return (Presence::Absent, None),
            Some((by, Hiding::Deleted)) if by == layer && put.layer < layer => Presence::Removed,
            _ if put.layer < layer => Presence::Unchanged,
            _ if !put.replaces => Presence::Added,
            _ if put.kind == PutKind::Folder => Presence::Unchanged,
            _ => Presence::Changed,
        };
        (presence, Some(put))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(layer: u32) -> Put {
        Put { layer, kind: PutKind::File, bytes: 1, replaces: layer > 0, until: None }
    }

    fn shown(tree: &Tree, layer: u32) -> Vec<String> {
        let all = 0..tree.len();
        all.map(|node| format!("{} {:?}", tree.name(node), tree.at(node, layer).0)).collect()
    }

    #[test]
    fn folders_that_no_layer_names_are_there_all_the_same() {
        let tree = Tree::of(&[("a/b/c", file(0)), ("a/b/d", file(1)), ("ab", file(0))]);
        assert_eq!(shown(&tree, 0), [" Absent", "a Absent", "b Absent", "c Added", "d Absent", "ab Added"]);
        assert_eq!(tree.below(1), 1..5);
        assert_eq!(tree.children(0).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(tree.children(2).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(tree.children(5).count(), 0);
        assert_eq!((tree.parent(4), tree.parent(1)), (2, 0));
    }

    #[test]
    fn names_that_look_the_same_stay_apart() {
        let mut tree = Planting::default();
        for path in [&b"x\xfe"[..], b"x\xfe\0in", b"x\xff", b"x\xff\0in"] {
            tree.push(path, file(0));
        }
        let tree = tree.finish();
        assert_eq!(tree.children(0).map(|at| tree.below(at)).collect::<Vec<_>>(), [1..3, 3..5]);
        assert!((1..5).all(|node| tree.puts(node).len() == 1));
    }

    #[test]
    fn a_path_is_what_the_layers_so_far_made_of_it() {
        let deleted = Put { until: Some((1, Hiding::Deleted)), ..file(0) };
        let again = Put { replaces: false, ..file(3) };
        let tree = Tree::of(&[("gone", deleted), ("gone", again), ("kept", file(0)), ("kept", file(2))]);
        let at = |node| (0..4).map(|layer| tree.at(node, layer).0).collect::<Vec<_>>();
        use Presence::{Absent, Added, Changed, Removed, Unchanged};
        assert_eq!(at(1), [Added, Removed, Absent, Added]);
        assert_eq!(at(2), [Added, Unchanged, Changed, Unchanged]);
    }
}
