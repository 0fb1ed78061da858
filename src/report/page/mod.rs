//! A page to look at: one HTML file that needs nothing else, for a plan, a real image, a change, or all images of a
//! project.
//!
//! All of it is rendered here; the script only sorts the table and says what a box is. No text of the input
//! gets into style or script.

mod compare;
mod html;
mod image;
mod index;
#[cfg(test)]
mod index_tests;
mod layer;
mod layout;
mod picture;
mod plan;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use self::html::Html;

use super::about::About;
use super::image::CheckRow;

pub use compare::write_compare_page;
pub use image::write_image_page;
pub use index::write_index_page;
pub use plan::write_plan_page;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes a page with that title, which with the sentence below it is what a chat shows of a link to it.
fn write(
    out: &mut dyn Write,
    title: &str,
    sentence: &str,
    about: &About,
    body: impl FnOnce(&mut Html),
) -> io::Result<()> {
    let mut html = Html::default();
    html.own("<!doctype html>\n");
    html.nest("html", &[("lang", "en")], |h| {
        h.line();
        h.nest("head", &[], |h| head(h, title, sentence));
        h.line();
        h.nest("body", &[], |h| {
            h.line();
            h.nest("main", &[], body);
            h.line();
            h.nest("footer", &[], |h| {
                h.text(concat!("Written by dlint ", env!("CARGO_PKG_VERSION"), ". "));
                h.text("Bytes are those of file contents; MB is 10\u{2076} bytes.");
                if !about.command.is_empty() {
                    h.text(" The command: ");
                    h.el("code", &[], &about.command);
                }
            });
            h.line();
            h.nest("script", &[], |h| h.own(SCRIPT));
        });
        h.line();
    });
    html.line();
    out.write_all(html.finish().as_bytes())
}

fn head(h: &mut Html, title: &str, sentence: &str) {
    // Nothing is loaded, and no script runs but that of the page.
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src '{}'; base-uri 'none'; form-action 'none'",
        script_hash()
    );
    h.line();
    h.nest("meta", &[("charset", "utf-8")], |_| {});
    h.line();
    h.nest("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)], |_| {});
    for (name, content) in [
        ("viewport", "width=device-width, initial-scale=1"),
        ("color-scheme", "light dark"),
        ("referrer", "no-referrer"),
        ("generator", concat!("dlint ", env!("CARGO_PKG_VERSION"))),
        ("description", sentence),
    ] {
        h.line();
        h.nest("meta", &[("name", name), ("content", content)], |_| {});
    }
    // The words of <https://ogp.me>, which chats read.
    for (name, content) in [("og:type", "website"), ("og:title", title), ("og:description", sentence)] {
        h.line();
        h.nest("meta", &[("property", name), ("content", content)], |_| {});
    }
    h.line();
    h.el("title", &[], title);
    h.line();
    h.nest("style", &[], |h| h.own(STYLE));
    h.line();
}

/// The script as a Content Security Policy names it: `sha256-`, and its digest in base 64.
fn script_hash() -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = "sha256-".to_owned();
    for three in Sha256::digest(SCRIPT.as_bytes()).chunks(3) {
        let bits =
            (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(three.get(at).copied().unwrap_or(0)));
        for digit in 0..4 {
            let six = bits >> (18 - 6 * digit) & 63;
            out.push(if digit <= three.len() { char::from(DIGITS[six]) } else { '=' });
        }
    }
    out
}

/// What the page is about: its name, what there is to say in a sentence, and facts beside it.
fn masthead(h: &mut Html, about: &About, name: &str, sentence: &str, facts: &[(&str, String)]) {
    h.line();
    h.nest("header", &[], |h| {
        if let Some(project) = &about.project {
            h.nest("p", &[("class", "kind")], |h| {
                h.text(project);
                if let Some(commit) = &about.commit {
                    h.text(" at ");
                    h.el("code", &[], commit);
                }
            });
        }
        h.nest("h1", &[], |h| h.path(name));
        h.el("p", &[("class", "sentence")], sentence);
        h.nest("dl", &[("class", "facts")], |h| {
            for (name, value) in facts {
                h.nest("div", &[], |h| {
                    h.el("dt", &[], name);
                    h.nest("dd", &[], |h| h.path(value));
                });
            }
        });
    });
}

/// A figure that says what it is about.
struct Stat<'a> {
    name: &'a str,
    value: String,
    notes: Vec<String>,
    class: &'static str,
}

fn stats(h: &mut Html, stats: &[Stat<'_>]) {
    h.line();
    h.nest("dl", &[("class", "stats")], |h| {
        for stat in stats {
            h.nest("div", &[("class", stat.class)], |h| {
                h.el("dt", &[], stat.name);
                h.nest("dd", &[], |h| {
                    h.el("b", &[], &stat.value);
                    for note in &stat.notes {
                        h.el("small", &[], note);
                    }
                });
            });
        }
    });
}

/// A part of the page, with a title that links may name.
fn section(h: &mut Html, id: &'static str, title: &str, inside: impl FnOnce(&mut Html)) {
    h.line();
    h.nest("section", &[("aria-labelledby", id)], |h| {
        h.el("h2", &[("id", id)], title);
        h.line();
        inside(h);
    });
}

fn limits(h: &mut Html, checks: &[CheckRow]) {
    if checks.is_empty() {
        return;
    }
    section(h, "limits", "Limits", |h| {
        h.nest("ul", &[("class", "limits"), ("role", "list")], |h| {
            for check in checks {
                h.nest("li", &[], |h| {
                    let word = if check.passed { "passed" } else { "failed" };
                    h.el("b", &[("class", word)], word);
                    h.text(" ");
                    h.el("code", &[], &format!("{} {}", check.option, check.limit));
                    h.text(&format!(" {}", check.found()));
                });
            }
        });
    });
}

fn notes(h: &mut Html, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    section(h, "notes", "Notes", |h| {
        h.nest("ul", &[("class", "notes")], |h| {
            for note in notes {
                h.nest("li", &[], |h| h.prose(note));
            }
        });
    });
}

/// What stands in a field of a table.
enum Cell {
    /// Words, in which what stands between backticks is code.
    Prose(String),
    /// Code as a whole, as an instruction: its backticks are its own.
    Code(String),
}

/// A table of plain rows.
fn plain_table(h: &mut Html, heads: &[&str; 4], rows: impl Iterator<Item = [Cell; 4]>) {
    h.nest("div", &[("class", "plain")], |h| {
        h.nest("table", &[], |h| {
            h.nest("thead", &[], |h| {
                h.nest("tr", &[], |h| heads.iter().for_each(|head| h.el("th", &[("scope", "col")], head)));
            });
            h.nest("tbody", &[], |h| {
                for row in rows {
                    h.line();
                    h.nest("tr", &[], |h| {
                        for cell in &row {
                            h.nest("td", &[], |h| match cell {
                                Cell::Prose(words) => h.prose(words),
                                Cell::Code(code) => h.el("code", &[], code),
                            });
                        }
                    });
                }
            });
        });
    });
}

/// `3`, `3–7`.
fn range((first, last): (u32, u32)) -> String {
    if first == last { first.to_string() } else { format!("{first}\u{2013}{last}") }
}

/// `line 3`, `lines 3–7`.
fn named(lines: (u32, u32)) -> String {
    format!("{} {}", if lines.0 == lines.1 { "line" } else { "lines" }, range(lines))
}

/// The text with a capital letter, unless it begins with code.
fn upper(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().collect::<String>() + rest.as_str()).unwrap_or_default()
}
