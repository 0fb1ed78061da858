//! What each key does.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Pane};
use super::files::Order;

/// The keys and what they do, as the help shows them.
pub(super) const HELP: [(&str, &str); 16] = [
    ("Tab", "go to the other list"),
    ("↑ ↓  k j", "move by one"),
    ("PgUp PgDn", "move by a page"),
    ("Home End  g G", "go to the first, the last"),
    ("→ l  Enter", "open a folder"),
    ("← h", "close it, or go to the folder around it"),
    ("o O", "open all folders, close all"),
    ("s", "sort by size, or by order and name"),
    ("/", "search the names; Enter goes there, Esc gives up"),
    ("n N", "go to the next that is found, the one before"),
    ("b", "show or hide what lower layers brought"),
    ("a c r", "show or hide what the layer adds, changes, removes"),
    ("w", "show only files that a later layer hides: wasted bytes"),
    ("?", "show this help"),
    ("q  Ctrl-C", "leave"),
    ("", "+ added   ~ changed   - removed   ! hidden later"),
];

/// Takes a key.
pub(super) fn press(app: &mut App, key: KeyEvent) {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    app.message = None;
    if control && matches!(key.code, KeyCode::Char('c' | 'd')) {
        app.is_over = true;
    } else if app.is_typing {
        type_search(app, key.code);
    } else if app.shows_help {
        app.shows_help = false;
    } else if !control {
        command(app, key.code);
    }
}

fn type_search(app: &mut App, code: KeyCode) {
    match code {
        KeyCode::Esc => {
            app.search.clear();
            app.is_typing = false;
        }
        KeyCode::Enter => {
            app.is_typing = false;
            app.find(false);
        }
        KeyCode::Backspace => {
            app.search.pop();
        }
        KeyCode::Char(c) if app.search.len() < 200 => app.search.push(c),
        _ => {}
    }
}

fn command(app: &mut App, code: KeyCode) {
    let page = app.page.max(1);
    match code {
        KeyCode::Char('q') => app.is_over = true,
        // As in other programs it gives up the search, and does not leave by accident.
        KeyCode::Esc => app.search.clear(),
        KeyCode::Char('?') => app.shows_help = true,
        KeyCode::Tab | KeyCode::BackTab => {
            app.pane = match app.pane {
                Pane::Layers if app.files.is_some() => Pane::Files,
                _ => Pane::Layers,
            };
        }
        KeyCode::Up | KeyCode::Char('k') => go(app, |row| row.saturating_sub(1)),
        KeyCode::Down | KeyCode::Char('j') => go(app, |row| row + 1),
        KeyCode::PageUp => go(app, |row| row.saturating_sub(page)),
        KeyCode::PageDown => go(app, |row| row + page),
        KeyCode::Home | KeyCode::Char('g') => go(app, |_| 0),
        KeyCode::End | KeyCode::Char('G') => go(app, |_| usize::MAX),
        KeyCode::Char('s') => sort(app),
        KeyCode::Char('/') if app.files.is_some() => {
            app.search.clear();
            app.is_typing = true;
        }
        KeyCode::Char('n') => app.find(false),
        KeyCode::Char('N') => app.find(true),
        KeyCode::Right | KeyCode::Char('l') | KeyCode::Enter => open(app),
        KeyCode::Left | KeyCode::Char('h') => close(app),
        KeyCode::Char(c @ ('o' | 'O')) => {
            if let Some(files) = &mut app.files {
                files.set_all_open(c == 'o');
            }
            app.list();
        }
        KeyCode::Char(c @ ('a' | 'b' | 'c' | 'r' | 'w')) => {
            let filter = &mut app.filter;
            let switch = match c {
                'a' => &mut filter.added,
                'b' => &mut filter.lower,
                'c' => &mut filter.changed,
                'r' => &mut filter.removed,
                _ => &mut filter.only_hidden,
            };
            *switch = !*switch;
            app.look();
        }
        _ => {}
    }
}

/// Moves the cursor of the list that takes keys.
fn go(app: &mut App, to: impl Fn(usize) -> usize) {
    match app.pane {
        Pane::Layers => {
            let row = to(app.layer_row).min(app.listed.len().saturating_sub(1));
            if row != app.layer_row {
                app.layer_row = row;
                app.look();
            }
        }
        Pane::Files => {
            let last = app.files.as_ref().map_or(0, |files| files.rows.len().saturating_sub(1));
            app.file_row = to(app.file_row).min(last);
        }
    }
}

fn sort(app: &mut App) {
    match app.pane {
        Pane::Layers => app.turn_layers(),
        Pane::Files => {
            app.file_order = match app.file_order {
                Order::Size => Order::Name,
                Order::Name => Order::Size,
            };
            app.list();
        }
    }
}

fn open(app: &mut App) {
    if app.pane == Pane::Layers {
        if app.files.is_some() {
            app.pane = Pane::Files;
        }
        return;
    }
    let node = app.node();
    if let Some((files, node)) = app.files.as_mut().zip(node).filter(|(files, node)| files.is_folder(*node)) {
        files.set_open(node, true);
        app.list();
    }
}

fn close(app: &mut App) {
    if app.pane == Pane::Layers {
        return;
    }
    let node = app.node();
    let Some((files, node)) = app.files.as_mut().zip(node) else { return };
    if files.is_open(node) && files.is_folder(node) {
        files.set_open(node, false);
        app.list();
    } else {
        let parent = files.tree.parent(node);
        if let Some(row) = files.rows.iter().position(|row| row.node == parent) {
            app.file_row = row;
        }
    }
}
