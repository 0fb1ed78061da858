//! SPDX license expressions: `rules/data/licenses.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::nearest;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Table {
    licenses: String,
    exceptions: String,
}

/// Names in lower case, with the spelling that the list has.
struct Names {
    licenses: HashMap<String, &'static str>,
    exceptions: HashMap<String, &'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // The table is part of the program, and a test reads it.
    toml::from_str(include_str!("../../../rules/data/licenses.toml")).unwrap_or_default()
});

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let by_lower =
        |list: &'static str| list.split_whitespace().map(|n| (n.to_ascii_lowercase(), n)).collect();
    Names { licenses: by_lower(&TABLE.licenses), exceptions: by_lower(&TABLE.exceptions) }
});

/// The license that `name` most likely means.
pub(super) fn nearest_license(name: &str) -> Option<&'static str> {
    nearest(name, TABLE.licenses.split_whitespace())
}

/// True for `MIT`, `Apache-2.0 OR (MIT AND GPL-2.0-or-later WITH Classpath-exception-2.0)` and the like.
pub(super) fn is_expression(text: &str) -> bool {
    let mut depth = 0_usize;
    // What may come next: an operand, or what follows one.
    let mut operand = true;
    let mut tokens = tokens(text).peekable();
    while let Some(token) = tokens.next() {
        match token {
            "(" if operand => depth += 1,
            ")" if !operand && depth > 0 => depth -= 1,
            "(" | ")" => return false,
            _ if !operand => match token.to_ascii_uppercase().as_str() {
                "AND" | "OR" => operand = true,
                _ => return false,
            },
            license => {
                if !is_license(license) {
                    return false;
                }
                operand = false;
                if tokens.next_if(|t| t.eq_ignore_ascii_case("WITH")).is_some()
                    && !tokens.next().is_some_and(|e| NAMES.exceptions.contains_key(&e.to_ascii_lowercase()))
                {
                    return false;
                }
            }
        }
    }
    depth == 0 && !operand
}

/// Words and brackets.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(' ');
        let end = match rest.find([' ', '(', ')']) {
            Some(0) => 1,
            Some(end) => end,
            None if rest.is_empty() => return None,
            None => rest.len(),
        };
        let (token, behind) = rest.split_at(end);
        rest = behind;
        Some(token)
    })
}

fn is_license(name: &str) -> bool {
    let known = |name: &str| NAMES.licenses.contains_key(&name.to_ascii_lowercase());
    let is_own = |text: &str| {
        let name = text.strip_prefix("LicenseRef-");
        name.is_some_and(|n| {
            !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        })
    };
    known(name)
        || name.strip_suffix('+').is_some_and(known)
        || is_own(name)
        || name
            .split_once(':')
            .is_some_and(|(document, own)| document.starts_with("DocumentRef-") && is_own(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let table: Table = toml::from_str(include_str!("../../../rules/data/licenses.toml")).unwrap();
        assert!(table.licenses.split_whitespace().count() > 700);
        assert!(table.exceptions.split_whitespace().count() > 60);
    }

    #[test]
    fn expressions_follow_the_grammar() {
        for (text, want) in [
            ("MIT", true),
            ("mit", true),
            ("GPL-2.0", true),
            ("GPL-2.0+", true),
            ("MIT OR Apache-2.0", true),
            ("MIT or Apache-2.0", true),
            ("(MIT AND (BSD-3-Clause OR ISC))", true),
            ("GPL-2.0-or-later WITH Classpath-exception-2.0 AND MIT", true),
            ("LicenseRef-acme", true),
            ("DocumentRef-a:LicenseRef-b", true),
            ("", false),
            (" ", false),
            ("()", false),
            ("Proprietary", false),
            ("NOASSERTION", false),
            ("MIT/Apache-2.0", false),
            ("MIT, ISC", false),
            ("MIT ISC", false),
            ("MIT OR", false),
            ("OR MIT", false),
            ("(MIT", false),
            ("MIT)", false),
            ("MIT (ISC)", false),
            ("MIT WITH", false),
            ("MIT WITH MIT", false),
            ("LicenseRef-", false),
        ] {
            assert_eq!(is_expression(text), want, "{text}");
        }
        assert_eq!(nearest_license("apache 2.0"), Some("Apache-2.0"));
    }
}
