use std::io::{self, BufReader, BufWriter};

use crate::lsp::{self, Allowed};
use crate::workspace::Workspace;

use super::Exit;
use super::args::LspArgs;

/// Serves an editor until it leaves.
pub(super) fn run(LspArgs { cache_hints, stdio: _ }: &LspArgs) -> io::Result<Exit> {
    let output = BufWriter::new(io::stdout().lock());
    let allowed = Allowed { git: *cache_hints };
    let in_order = lsp::serve(BufReader::new(io::stdin()), output, Workspace::default(), allowed)?;
    Ok(if in_order { Exit::Clean } else { Exit::Findings })
}
