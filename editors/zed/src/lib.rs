//! Starts `dlint lsp` in Zed.

use zed_extension_api::settings::LspSettings;
use zed_extension_api::{Command, Extension, LanguageServerId, Result, Worktree, register_extension};

struct Dlint;

impl Extension for Dlint {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let settings = LspSettings::for_worktree(id.as_ref(), worktree).ok();
        let binary = settings.and_then(|settings| settings.binary);
        let (named, arguments) = binary.map_or((None, None), |binary| (binary.path, binary.arguments));
        let command = named
            .or_else(|| worktree.which("dlint"))
            .ok_or_else(|| "there is no `dlint` in the PATH".to_owned())?;
        let args = arguments.unwrap_or_else(|| vec!["lsp".to_owned()]);
        Ok(Command { command, args, env: worktree.shell_env() })
    }
}

register_extension!(Dlint);
