use crate::knowledge::{Action, COMPRESSORS, Trait, fetch_subcommands, program_is};
use crate::semantic::Model;
use crate::shell::Command;

/// What stands in front of an address.
const ADDRESSES: [&str; 6] = ["http://", "https://", "ftp://", "git://", "ssh://", "git@"];

/// True if a RUN fetches something, as far as its words tell; and if a variable names a program of it, since nobody
/// knows what that does.
pub(super) fn fetches(model: &Model, step: usize, text: &str) -> bool {
    if ADDRESSES.iter().any(|start| text.contains(start)) {
        return true;
    }
    let mut scripts = model.scripts_of(step).iter();
    // The model has no command whose program a variable names.
    let is_open = |command: &Command| command.program_word().is_some() && command.program().is_none();
    if scripts.any(|script| script.script.commands.iter().any(is_open)) {
        return true;
    }
    model.commands_of(step).any(|cmd| {
        let program = cmd.program();
        let installs = matches!(cmd.usage.action, Action::Install | Action::Update | Action::Upgrade);
        let by_name = || {
            let words = fetch_subcommands(program)?;
            Some(words.is_empty() || cmd.args().iter().any(|arg| words.iter().any(|word| arg.is(word))))
        };
        cmd.usage.manager.is_some() && installs
            || program_is(program, Trait::Fetches) && cmd.usage.manager.is_none()
            || cmd.download().is_some()
            || by_name().unwrap_or(false)
    })
}

/// True if a RUN compresses something: the same files at another time then have other bytes.
pub(super) fn compresses(model: &Model, step: usize) -> bool {
    let unpacks = ["-d", "--decompress", "--uncompress", "-t", "-l", "x"];
    model.commands_of(step).any(|cmd| match cmd.program() {
        "tar" => {
            let letters = cmd.args().first().map_or("", |word| word.static_prefix()).trim_start_matches('-');
            let is_packed = letters.contains(['z', 'j', 'J', 'a'])
                || cmd.has_any_flag(&["--gzip", "--xz", "--zstd", "--bzip2", "-z"]);
            (letters.contains('c') || cmd.has_any_flag(&["-c", "--create"])) && is_packed
        }
        program => {
            COMPRESSORS.contains(&program)
                && !cmd.args().iter().any(|arg| unpacks.iter().any(|word| arg.is(word)))
        }
    })
}
