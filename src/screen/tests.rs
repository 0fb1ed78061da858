//! The view drawn into a buffer, and driven by keys.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::image::{Hiding, Put, PutKind, Tree};

use super::app::App;
use super::view::LayerView;
use super::{View, draw, keys};

fn file(layer: u32, bytes: u64) -> Put {
    Put { layer, kind: PutKind::File, bytes, replaces: false, until: None }
}

/// Three layers: a system, an install that leaves lists and changes a file, and a removal.
fn view() -> View {
    let folder = Put { kind: PutKind::Folder, ..file(0, 0) };
    let gone = |layer, bytes| Put { until: Some((2, Hiding::Deleted)), ..file(layer, bytes) };
    let tree = Tree::of(&[
        ("bin", folder),
        ("bin/sh", file(0, 120_000)),
        ("bin/bash", Put { kind: PutKind::HardLink, ..file(0, 0) }),
        ("etc/passwd", Put { until: Some((1, Hiding::Changed)), ..file(0, 900) }),
        ("etc/passwd", Put { replaces: true, ..file(1, 950) }),
        ("usr/lib/libc.so", file(0, 2_000_000)),
        ("usr/lib/new.so", file(1, 30_000_000)),
        ("var/lists/a", gone(1, 9_000_000)),
        ("var/lists/b\u{202e}\u{1b}[31m", gone(1, 10_000_000)),
    ]);
    let layer = |size: &str, bytes, hidden, line: u32, made_by: &str| LayerView {
        size: size.to_owned(),
        bytes,
        hidden,
        lines: Some((line, line)),
        made_by: made_by.to_owned(),
        details: vec!["a detail".to_owned()],
    };
    View {
        title: "app:1 · linux/amd64".to_owned(),
        summary: "51.1 MB in 3 layers".to_owned(),
        layers: vec![
            layer("2.12 MB", 2_120_900, 900, 1, "FROM debian:12"),
            layer("49 MB", 49_000_950, 19_000_000, 2, "RUN apt-get update && apt-get install -y new"),
            layer("0 B", 0, 0, 3, "RUN rm -r /var/lists"),
        ],
        tree: Some(tree),
        dockerfile: [
            "FROM debian:12",
            "RUN apt-get update && apt-get install -y new",
            "RUN rm -r /var/lists",
        ]
        .map(str::to_owned)
        .into(),
    }
}

/// The screen after the keys, as text.
fn screen(view: View, width: u16, height: u16, pressed: &str) -> String {
    let mut app = App::new(view, false);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw::draw(frame, &mut app)).unwrap();
    for key in pressed.chars() {
        let code = match key {
            '\t' => KeyCode::Tab,
            '\n' => KeyCode::Enter,
            '↓' => KeyCode::Down,
            '⇟' => KeyCode::PageDown,
            '⎋' => KeyCode::Esc,
            key => KeyCode::Char(key),
        };
        keys::press(&mut app, KeyEvent::new(code, KeyModifiers::NONE));
        assert!(!app.is_over, "{key} leaves");
        terminal.draw(|frame| draw::draw(frame, &mut app)).unwrap();
    }
    terminal.backend().to_string()
}

#[test]
fn a_layer_shows_what_it_does() {
    insta::assert_snapshot!(screen(view(), 80, 24, ""));
    insta::assert_snapshot!(screen(view(), 80, 24, "j\to"));
    insta::assert_snapshot!(screen(view(), 160, 20, "jj\to"));
}

#[test]
fn keys_change_what_is_listed() {
    // All that is there, by name.
    insta::assert_snapshot!(screen(view(), 100, 20, "j\tobs"));
    // The wasted files of the second layer.
    insta::assert_snapshot!(screen(view(), 100, 20, "j\tow"));
    insta::assert_snapshot!(screen(view(), 80, 24, "?"));
}

#[test]
fn a_search_opens_folders_and_goes_round() {
    let found = screen(view(), 100, 20, "j/LISTS\n");
    assert!(found.contains("/var/lists   ? help"), "{found}");
    let found = screen(view(), 100, 20, "j/so\n");
    assert!(found.contains("/usr/lib/new.so   ? help"), "{found}");
    assert!(screen(view(), 100, 20, "j/so\nn").contains("/usr/lib/new.so   ? help"));
    assert!(screen(view(), 100, 20, "jb/so\n").contains("/usr/lib/libc.so   ? help"));
    assert!(screen(view(), 100, 20, "jb/so\nnnN").contains("/usr/lib/new.so   ? help"));
    // Esc gives the search up, and leaves the view as it is.
    assert!(screen(view(), 100, 20, "j/so\n⎋n").contains("/usr/lib/new.so   ? help"));
    let none = screen(view(), 100, 20, "j/nowhere\n");
    assert!(none.contains("nothing listed here is called `nowhere`"), "{none}");
}

#[test]
fn folders_open_and_close_and_the_cursor_stays() {
    let closed = screen(view(), 100, 20, "j\toGhhh");
    assert!(!closed.contains("passwd"), "{closed}");
    assert!(closed.contains("▸ etc"), "{closed}");
    // The same path in another order, and its folder once it is not listed.
    assert!(screen(view(), 100, 20, "j\toGs").contains("/etc/passwd   ?"));
    assert!(screen(view(), 100, 20, "j\tob/libc\nb").contains("/usr/lib   ?"));
}

#[test]
fn layers_are_ordered_by_size() {
    let sorted = screen(view(), 100, 20, "s");
    let (second, first) = (sorted.find("  2        49 MB!"), sorted.find("  1      2.12 MB!"));
    assert!(second.is_some() && second < first, "{sorted}");
}

#[test]
fn no_size_of_the_screen_is_too_small() {
    for (width, height) in [(1, 1), (3, 2), (10, 4), (40, 5), (500, 3)] {
        screen(view(), width, height, "j\tob↓⇟?x/a\n");
        screen(View::default(), width, height, "j\tobsgG/a\nnNhl?");
    }
}

#[test]
fn names_cannot_reach_the_terminal_raw() {
    let shown = screen(view(), 120, 24, "j\to");
    assert!(shown.contains("b\\u{202e}\\u{1b}[31m"), "{shown}");
    assert!(!shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
}
