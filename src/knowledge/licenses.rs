//! What an SPDX license expression may name: `rules/data/licenses.toml`.

use std::cmp::Ordering;

use table::{EXCEPTIONS, LICENSES};

mod table {
    include!(concat!(env!("OUT_DIR"), "/licenses.rs"));
}

/// The licenses of the list.
#[must_use]
pub const fn spdx_licenses() -> &'static [&'static str] {
    LICENSES
}

/// True for a license of the list; case does not count.
#[must_use]
pub fn is_spdx_license(name: &str) -> bool {
    has(LICENSES, name)
}

/// True for an exception of the list; case does not count.
#[must_use]
pub fn is_spdx_exception(name: &str) -> bool {
    has(EXCEPTIONS, name)
}

fn has(list: &[&str], name: &str) -> bool {
    let lower = |text: &str| -> Vec<u8> { text.bytes().map(|b| b.to_ascii_lowercase()).collect() };
    let name = lower(name);
    list.binary_search_by(|listed| -> Ordering {
        listed.bytes().map(|b| b.to_ascii_lowercase()).cmp(name.iter().copied())
    })
    .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        assert!(LICENSES.len() > 700 && EXCEPTIONS.len() > 60);
        assert!(LICENSES.iter().all(|name| is_spdx_license(name) && is_spdx_license(&name.to_lowercase())));
        assert!(is_spdx_exception("classpath-Exception-2.0") && !is_spdx_exception("MIT"));
        assert!(!is_spdx_license("MI") && !is_spdx_license(""));
    }
}
