//! How the view looks.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};

use crate::diag::format_bytes;
use crate::image::{NodeId, Presence, PutKind};
use crate::report::sanitize;

use super::app::{App, LayerOrder, Pane};
use super::files::{Files, Order, Row};
use super::keys::HELP;

/// From so many columns on, the Dockerfile has a column of its own.
const WIDE: u16 = 140;

/// Draws all of it.
pub(super) fn draw(frame: &mut Frame<'_>, app: &mut App) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(2), Constraint::Min(0), Constraint::Length(1)])
            .areas(frame.area());
    let title = Line::from(app.view.title.as_str()).style(strong(app));
    frame.render_widget(Paragraph::new(vec![title, Line::from(app.view.summary.as_str())]), head);
    let is_wide = body.width >= WIDE;
    let shares = match (is_wide, app.files.is_some()) {
        (true, _) => vec![Constraint::Percentage(36), Constraint::Percentage(34), Constraint::Percentage(30)],
        (false, _) => vec![Constraint::Percentage(50), Constraint::Percentage(50)],
    };
    let columns = Layout::horizontal(shares).split(body);
    let rows = if is_wide { [Constraint::Percentage(65); 2] } else { [Constraint::Percentage(50); 2] };
    let [upper, lower] = Layout::vertical([rows[0], Constraint::Fill(1)]).areas(columns[0]);
    layers(frame, app, upper);
    if is_wide {
        details(frame, app, lower);
        dockerfile(frame, app, columns[2]);
    } else if app.view.dockerfile.is_empty() || app.files.is_none() {
        details(frame, app, lower);
    } else {
        dockerfile(frame, app, lower);
    }
    match app.files.is_some() {
        true => files(frame, app, columns[1]),
        false if is_wide => details(frame, app, columns[1]),
        false => dockerfile(frame, app, columns[1]),
    }
    frame.render_widget(Paragraph::new(footer(app)), foot);
    if app.shows_help {
        help(frame, app);
    }
}

fn strong(app: &App) -> Style {
    let style = Style::new().add_modifier(Modifier::BOLD);
    if app.color { style.fg(Color::Cyan) } else { style }
}

/// The row under the cursor; only that of the list that takes keys is reversed.
fn cursor(is_here: bool) -> Style {
    if is_here {
        Style::new().add_modifier(Modifier::REVERSED)
    } else {
        Style::new().add_modifier(Modifier::BOLD)
    }
}

fn block<'t>(app: &App, title: String, has_keys: bool) -> Block<'t> {
    let style = if has_keys { strong(app) } else { Style::new().add_modifier(Modifier::DIM) };
    Block::bordered().border_style(style).title(title)
}

/// The first row that is shown of a list, so that its cursor is in sight.
fn top(before: usize, cursor: usize, height: usize, count: usize) -> usize {
    let top = before.min(cursor).max((cursor + 1).saturating_sub(height));
    top.min(count.saturating_sub(height))
}

fn layers(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let has_keys = app.pane == Pane::Layers;
    let order = match app.layer_order {
        LayerOrder::Built => "as built",
        LayerOrder::Size => "by size",
    };
    let block = block(app, format!(" Layers, {order} "), has_keys);
    let inner = block.inner(area);
    let height = usize::from(inner.height);
    app.layer_top = top(app.layer_top, app.layer_row, height, app.listed.len());
    let rows = app.listed.iter().enumerate().skip(app.layer_top).take(height);
    let lines: Vec<Line<'_>> = rows
        .filter_map(|(row, index)| {
            let layer = app.view.layers.get(*index)?;
            let wasted = if layer.hidden > 0 { "!" } else { " " };
            let place = layer.lines.map_or(String::new(), |(first, _)| format!(":{first} "));
            let text = format!("{:>3} {:>12}{wasted} {place}{}", index + 1, layer.size, layer.made_by);
            let style = if row == app.layer_row { cursor(has_keys) } else { Style::new() };
            Some(Line::from(text).style(style))
        })
        .collect();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn details(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let Some(layer) = app.chosen() else { return };
    let mut lines = vec![Line::from(layer.made_by.as_str()).style(strong(app)), Line::default()];
    lines.extend(layer.details.iter().map(|detail| Line::from(detail.as_str())));
    let block = block(app, format!(" Layer {} ", app.layer() + 1), false);
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }).block(block), area);
}

fn dockerfile(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let block = block(app, " Dockerfile ".to_owned(), false);
    let inner = block.inner(area);
    if app.view.dockerfile.is_empty() {
        let text = "Name the Dockerfile to see its lines here: dlint size DOCKERFILE --image IMAGE --tui";
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }).block(block), area);
        return;
    }
    let place = app.chosen().and_then(|layer| layer.lines);
    let (first, last) = place.map_or((0, 0), |(first, last)| (first as usize, last as usize));
    let height = usize::from(inner.height);
    let middle = first.saturating_sub(1).saturating_sub(height / 3);
    let top = middle.min(app.view.dockerfile.len().saturating_sub(height));
    let lines: Vec<Line<'_>> = (top + 1..)
        .zip(app.view.dockerfile.iter().skip(top).take(height))
        .map(|(number, text)| {
            let line = Line::from(format!("{number:>4} {text}"));
            if first > 0 && (first..=last).contains(&number) { line.style(strong(app)) } else { line }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn files(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let has_keys = app.pane == Pane::Files;
    let order = match app.file_order {
        Order::Size => "by size",
        Order::Name => "by name",
    };
    let filter = app.filter;
    let what = match (filter.only_hidden, filter.lower) {
        (true, _) => "wasted",
        (false, true) => "all so far",
        (false, false) => "of this layer",
    };
    let kinds = [(filter.added, '+'), (filter.changed, '~'), (filter.removed, '-')];
    let kinds: String = kinds.into_iter().filter_map(|(is_on, mark)| is_on.then_some(mark)).collect();
    let block = block(app, format!(" Files {what} {kinds}, {order} "), has_keys);
    let inner = block.inner(area);
    let height = usize::from(inner.height);
    app.page = height;
    let Some(files) = &app.files else { return };
    app.file_top = top(app.file_top, app.file_row, height, files.rows.len());
    let layer = u32::try_from(app.layer()).unwrap_or(u32::MAX);
    let rows = files.rows.iter().enumerate().skip(app.file_top).take(height);
    let mut lines: Vec<Line<'_>> =
        rows.map(|(at, row)| file(app, files, layer, *row, at == app.file_row, has_keys)).collect();
    if lines.is_empty() {
        lines.push(Line::from(
            "nothing: this layer changes no file that is listed (press b for lower layers)",
        ));
    }
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn file<'t>(app: &App, files: &Files, layer: u32, row: Row, is_chosen: bool, has_keys: bool) -> Line<'t> {
    let presence = files.presence(row.node);
    let (mark, color) = match presence {
        Presence::Added => ("+", Color::Green),
        Presence::Changed => ("~", Color::Yellow),
        Presence::Removed => ("-", Color::Red),
        Presence::Unchanged | Presence::Absent => (" ", Color::Reset),
    };
    let (wasted, behind) = behind(files, layer, row.node);
    let arrow = match (files.is_folder(row.node), files.is_open(row.node)) {
        (true, true) => "▾ ",
        (true, false) => "▸ ",
        (false, _) => "  ",
    };
    let indent = "  ".repeat(usize::from(row.depth.min(40)));
    let name = sanitize(files.tree.name(row.node)).into_owned();
    let text =
        format!("{mark}{wasted}{:>10} {indent}{arrow}{name}{behind}", format_bytes(files.bytes(row.node)),);
    let style = if app.color { Style::new().fg(color) } else { Style::new() };
    let style = if is_chosen { style.patch(cursor(has_keys)) } else { style };
    Line::from(Span::styled(text, style))
}

/// A mark for what a later layer hides, and what stands behind the name.
fn behind(files: &Files, layer: u32, node: NodeId) -> (&'static str, String) {
    let (_, put) = files.tree.at(node, layer);
    let Some(put) = put else { return (" ", String::new()) };
    let kind = match put.kind {
        PutKind::HardLink => " (hard link)",
        PutKind::Other => " (link or device)",
        PutKind::File | PutKind::Folder => "",
    };
    match put.until.filter(|(by, _)| *by > layer && put.kind == PutKind::File) {
        Some((by, _)) => ("!", format!("{kind} (hidden by layer {})", by + 1)),
        None => (" ", kind.to_owned()),
    }
}

fn footer(app: &App) -> String {
    if app.is_typing {
        return format!("/{}▏", sanitize(&app.search));
    }
    if let Some(message) = &app.message {
        return sanitize(message).into_owned();
    }
    if app.pane == Pane::Files
        && let Some((files, node)) = app.files.as_ref().zip(app.node())
    {
        let layer = u32::try_from(app.layer()).unwrap_or(u32::MAX);
        let (_, behind) = behind(files, layer, node);
        return format!("{}{behind}   ? help  q quit", sanitize(&files.path(node)));
    }
    match app.files.is_some() {
        true => "Tab files  ↑↓ move  s sort  / search  b lower layers  w wasted  ? help  q quit".to_owned(),
        false => "↑↓ move  s sort  ? help  q quit".to_owned(),
    }
}

fn help(frame: &mut Frame<'_>, app: &App) {
    let area = frame.area();
    let lines: Vec<Line<'_>> =
        HELP.iter().map(|(keys, does)| Line::from(format!(" {keys:<14} {does}"))).collect();
    let (width, height) = (area.width.min(76), area.height.min(18));
    let inside = Rect::new((area.width - width) / 2, (area.height - height) / 2, width, height);
    frame.render_widget(Clear, inside);
    frame.render_widget(Paragraph::new(lines).block(block(app, " Keys ".to_owned(), true)), inside);
}
