//! The files as the view lists them: what a layer makes of each path, sums of folders, and the rows that are open.

use std::cmp::Reverse;
use std::collections::HashSet;

use crate::image::{NodeId, Presence, PutKind, Tree};

/// What the rows are ordered by, inside each folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Size,
    Name,
}

/// Which paths are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Filter {
    /// What lower layers put there, beside what this layer does.
    pub(super) lower: bool,
    /// What the layer adds, changes, removes.
    pub(super) added: bool,
    pub(super) changed: bool,
    pub(super) removed: bool,
    /// Only files that a later layer hides.
    pub(super) only_hidden: bool,
}

impl Filter {
    const fn takes(&self, presence: Presence) -> bool {
        match presence {
            Presence::Absent => false,
            Presence::Unchanged => self.lower,
            Presence::Added => self.added,
            Presence::Changed => self.changed,
            Presence::Removed => self.removed,
        }
    }
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) node: NodeId,
    pub(super) depth: u16,
}

/// The files of an image with a layer on top.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) tree: Tree,
    /// By node: bytes of it and what is in it, as far as it is listed.
    bytes: Vec<u64>,
    /// By node: what the layer does to it, or for a folder to anything in it; absent if it is not listed.
    presence: Vec<Presence>,
    open: HashSet<NodeId>,
    pub(super) rows: Vec<Row>,
}

impl Files {
    pub(super) fn new(tree: Tree) -> Self {
        let mut files =
            Self { tree, bytes: Vec::new(), presence: Vec::new(), open: HashSet::new(), rows: Vec::new() };
        files.open.insert(0);
        files
    }

    /// Looks at the files with `layer` on top.
    pub(super) fn look(&mut self, layer: u32, filter: Filter, order: Order) {
        let count = self.tree.len();
        self.bytes = vec![0; count];
        self.presence = vec![Presence::Absent; count];
        // Backwards, what is in a folder comes before it.
        for node in (0..count).rev() {
            let (presence, put) = self.tree.at(node, layer);
            let counts = put.is_some_and(|put| {
                let is_hidden = put.until.is_some() && put.kind == PutKind::File;
                filter.takes(presence) && (is_hidden || !filter.only_hidden)
            });
            if counts {
                self.bytes[node] += put.map_or(0, |put| put.bytes);
                let is_folder = put.is_some_and(|put| put.kind == PutKind::Folder);
                let own = if is_folder
                    && self.presence[node] != Presence::Absent
                    && presence != Presence::Removed
                {
                    joined(self.presence[node], presence)
                } else {
                    presence
                };
                self.presence[node] = own;
            }
            if node != 0 && self.presence[node] != Presence::Absent {
                let parent = self.tree.parent(node);
                self.bytes[parent] = self.bytes[parent].saturating_add(self.bytes[node]);
                self.presence[parent] = joined(self.presence[parent], self.presence[node]);
            }
        }
        self.list(order);
    }

    /// Lists what is in open folders.
    pub(super) fn list(&mut self, order: Order) {
        self.rows.clear();
        if self.tree.is_empty() {
            return;
        }
        let mut waiting: Vec<Row> = Vec::new();
        self.push_children(0, 0, order, &mut waiting);
        while let Some(row) = waiting.pop() {
            self.rows.push(row);
            if self.open.contains(&row.node) {
                self.push_children(row.node, row.depth.saturating_add(1), order, &mut waiting);
            }
        }
    }

    /// The listed children of a folder, the last on top.
    fn push_children(&self, node: NodeId, depth: u16, order: Order, waiting: &mut Vec<Row>) {
        let start = waiting.len();
        let listed = self.tree.children(node).filter(|child| self.presence[*child] != Presence::Absent);
        waiting.extend(listed.map(|node| Row { node, depth }));
        if order == Order::Size {
            waiting[start..].sort_by_key(|row| Reverse(self.bytes[row.node]));
        }
        waiting[start..].reverse();
    }

    pub(super) fn bytes(&self, node: NodeId) -> u64 {
        self.bytes[node]
    }

    pub(super) fn presence(&self, node: NodeId) -> Presence {
        self.presence[node]
    }

    /// True if something is in it.
    pub(super) fn is_folder(&self, node: NodeId) -> bool {
        self.tree.below(node).len() > 1
    }

    pub(super) fn is_open(&self, node: NodeId) -> bool {
        self.open.contains(&node)
    }

    pub(super) fn set_open(&mut self, node: NodeId, open: bool) {
        if open {
            self.open.insert(node);
        } else {
            self.open.remove(&node);
        }
    }

    /// Opens each folder, or closes all.
    pub(super) fn set_all_open(&mut self, open: bool) {
        self.open.clear();
        self.open.insert(0);
        if open {
            let folders = (0..self.tree.len()).filter(|node| self.tree.below(*node).len() > 1);
            self.open.extend(folders);
        }
    }

    /// The whole path, from `/`.
    pub(super) fn path(&self, node: NodeId) -> String {
        let mut parts = Vec::new();
        let mut at = node;
        while at != 0 {
            parts.push(self.tree.name(at));
            at = self.tree.parent(at);
        }
        parts.reverse();
        format!("/{}", parts.join("/"))
    }

    /// The next listed path behind `from` whose name holds `text` in any case, or the one before it; the search goes on at the
    /// other end.
    pub(super) fn find(&self, from: NodeId, text: &str, backwards: bool) -> Option<NodeId> {
        let text = text.to_lowercase();
        let count = self.tree.len();
        let nth = |step: usize| if backwards { (from + count - step) % count } else { (from + step) % count };
        let is_it = |node: &NodeId| {
            self.presence[*node] != Presence::Absent && self.tree.name(*node).to_lowercase().contains(&text)
        };
        (1..=count).map(nth).find(is_it)
    }

    /// Opens the folders around a path, and gives its row.
    pub(super) fn reveal(&mut self, node: NodeId, order: Order) -> Option<usize> {
        let mut at = node;
        while at != 0 {
            at = self.tree.parent(at);
            self.open.insert(at);
        }
        self.list(order);
        self.rows.iter().position(|row| row.node == node)
    }
}

/// What is said of a folder in which one thing is `a` and another `b`.
const fn joined(a: Presence, b: Presence) -> Presence {
    match (a, b) {
        (Presence::Absent, other) | (other, Presence::Absent) => other,
        (Presence::Unchanged, Presence::Unchanged) => Presence::Unchanged,
        (Presence::Added, Presence::Added) => Presence::Added,
        (Presence::Removed, Presence::Removed) => Presence::Removed,
        _ => Presence::Changed,
    }
}
