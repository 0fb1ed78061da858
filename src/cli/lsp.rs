use std::io::{self, BufReader, BufWriter};

use crate::lsp;
use crate::workspace::Workspace;

use super::Exit;
use super::args::LspArgs;

/// Serves an editor until it leaves.
pub(super) fn run(LspArgs { stdio: _ }: &LspArgs) -> io::Result<Exit> {
    let output = BufWriter::new(io::stdout().lock());
    let in_order = lsp::serve(BufReader::new(io::stdin()), output, Workspace::default())?;
    Ok(if in_order { Exit::Clean } else { Exit::Findings })
}
