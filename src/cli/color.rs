use std::io::IsTerminal;

use crate::report::Style;

use super::args::ColorArg;

/// Whether to colour what goes to a stream: decided once per stream, by `--color`, NO_COLOR,
/// CLICOLOR_FORCE, and whether it is a terminal, in this order.
pub(super) fn wanted(arg: ColorArg, stream: &impl IsTerminal) -> bool {
    // <https://no-color.org>: any value but an empty one; <https://bixense.com/clicolors>: 0 is off.
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let forced = || std::env::var_os("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0");
    match arg {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto if set("NO_COLOR") => false,
        ColorArg::Auto if forced() => true,
        ColorArg::Auto => stream.is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb"),
    }
}

/// How wide a stream is: what COLUMNS says, or the terminal; nothing is known of a file.
pub(super) fn columns(stream: &impl IsTerminal) -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || {
        let (width, _) = stream.is_terminal().then(terminal_size::terminal_size).flatten()?;
        Some(usize::from(width.0))
    };
    said.or_else(measured).filter(|width| *width > 0)
}

/// Whether a stream shows links: a terminal that is known to, as cargo decides. FORCE_HYPERLINK says otherwise.
fn links(stream: &impl IsTerminal) -> bool {
    let asked = std::env::var_os("FORCE_HYPERLINK").is_some();
    (asked || stream.is_terminal()) && supports_hyperlinks::supports_hyperlinks()
}

/// How to draw on a stream.
pub(super) fn style(arg: ColorArg, stream: &impl IsTerminal, quiet: bool) -> Style {
    let color = wanted(arg, stream);
    let unicode = !stream.is_terminal() || std::env::var_os("TERM").is_none_or(|t| t != "linux");
    let columns = columns(stream);
    let (width, fit) = (columns.unwrap_or(100), columns.is_some());
    Style { color, unicode, width, fit, links: links(stream), quiet, ..Style::default() }
}
