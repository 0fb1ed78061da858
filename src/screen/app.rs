//! What the keys have done so far.

use crate::image::NodeId;

use super::files::{Files, Filter, Order};
use super::view::{LayerView, View};

/// A part of the screen that takes keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pane {
    Layers,
    Files,
}

/// How the layers are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LayerOrder {
    /// The lowest first.
    Built,
    /// The heaviest first.
    Size,
}

/// The state of the view.
#[derive(Debug)]
pub(super) struct App {
    pub(super) view: View,
    pub(super) files: Option<Files>,
    pub(super) color: bool,
    pub(super) pane: Pane,
    pub(super) layer_order: LayerOrder,
    pub(super) file_order: Order,
    pub(super) filter: Filter,
    /// The layers in the order in which they are listed.
    pub(super) listed: Vec<usize>,
    /// Where among them the cursor is.
    pub(super) layer_row: usize,
    /// The row of the files that the cursor is at.
    pub(super) file_row: usize,
    /// The first row of each list that is on the screen; drawing keeps the cursor in sight.
    pub(super) layer_top: usize,
    pub(super) file_top: usize,
    /// How many rows of files fit on the screen: what a page is.
    pub(super) page: usize,
    /// What is searched for.
    pub(super) search: String,
    /// True while the search is being typed.
    pub(super) is_typing: bool,
    /// Something to say in the last line, until the next key.
    pub(super) message: Option<String>,
    pub(super) shows_help: bool,
    pub(super) is_over: bool,
}

impl App {
    pub(super) fn new(mut view: View, color: bool) -> Self {
        let files = view.tree.take().map(Files::new);
        let mut app = Self {
            listed: (0..view.layers.len()).collect(),
            view,
            files,
            color,
            pane: Pane::Layers,
            layer_order: LayerOrder::Built,
            file_order: Order::Size,
            filter: Filter { lower: false, added: true, changed: true, removed: true, only_hidden: false },
            layer_row: 0,
            file_row: 0,
            layer_top: 0,
            file_top: 0,
            page: 1,
            search: String::new(),
            is_typing: false,
            message: None,
            shows_help: false,
            is_over: false,
        };
        app.look();
        app
    }

    /// The index of the chosen layer.
    pub(super) fn layer(&self) -> usize {
        self.listed.get(self.layer_row).copied().unwrap_or_default()
    }

    /// The chosen layer.
    pub(super) fn chosen(&self) -> Option<&LayerView> {
        self.view.layers.get(self.layer())
    }

    /// The path under the cursor.
    pub(super) fn node(&self) -> Option<NodeId> {
        Some(self.files.as_ref()?.rows.get(self.file_row)?.node)
    }

    /// Looks at the files anew, since layer or filter are others; the cursor stays at its path if that is still listed.
    pub(super) fn look(&mut self) {
        let node = self.node();
        let layer = u32::try_from(self.layer()).unwrap_or(u32::MAX);
        let (filter, order) = (self.filter, self.file_order);
        if let Some(files) = &mut self.files {
            files.look(layer, filter, order);
        }
        self.stay_at(node);
    }

    /// Lists the files anew, since the order or what is open are others.
    pub(super) fn list(&mut self) {
        let node = self.node();
        let order = self.file_order;
        if let Some(files) = &mut self.files {
            files.list(order);
        }
        self.stay_at(node);
    }

    fn stay_at(&mut self, node: Option<NodeId>) {
        let Some(files) = &self.files else { return };
        // A row that is not there any more: its folder, or the one around that.
        let mut node = node;
        while let Some(at) = node {
            if let Some(row) = files.rows.iter().position(|row| row.node == at) {
                self.file_row = row;
                return;
            }
            node = Some(files.tree.parent(at)).filter(|parent| *parent != at);
        }
        self.file_row = self.file_row.min(files.rows.len().saturating_sub(1));
    }

    /// Orders the layers in the other way, with the same one chosen.
    pub(super) fn turn_layers(&mut self) {
        let chosen = self.layer();
        self.layer_order = match self.layer_order {
            LayerOrder::Built => LayerOrder::Size,
            LayerOrder::Size => LayerOrder::Built,
        };
        self.listed.sort_unstable();
        if self.layer_order == LayerOrder::Size {
            let layers = &self.view.layers;
            self.listed.sort_by_key(|layer| std::cmp::Reverse(layers[*layer].bytes));
        }
        self.layer_row = self.listed.iter().position(|layer| *layer == chosen).unwrap_or_default();
    }

    /// Goes to the next path that the search finds, or the one before it.
    pub(super) fn find(&mut self, backwards: bool) {
        let order = self.file_order;
        let from = self.node().unwrap_or_default();
        let Some(files) = self.files.as_mut().filter(|_| !self.search.is_empty()) else { return };
        match files.find(from, &self.search, backwards) {
            Some(node) => {
                self.file_row = files.reveal(node, order).unwrap_or_default();
                self.pane = Pane::Files;
            }
            None => self.message = Some(format!("nothing listed here is called `{}`", self.search)),
        }
    }
}
