use super::Fault;
use crate::text::toml::{self, Fields};

/// What `get` reads from the table `name`, or the first fault in it.
pub fn read<T>(
    name: &str,
    text: &str,
    get: impl FnOnce(&mut Fields<'_>, &mut Vec<toml::Fault>) -> T,
) -> Result<T, Fault> {
    let (value, faults) = toml::read(text, 0, get);
    let Some(first) = faults.into_iter().next() else { return Ok(value) };
    let line = 1 + text.bytes().take(first.span.start as usize).filter(|b| *b == b'\n').count();
    let help = first.help.map(|help| format!("; {help}")).unwrap_or_default();
    Err(Fault::new(name, line, first.message + &help))
}
