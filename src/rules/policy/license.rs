//! SPDX license expressions.

use crate::knowledge::{is_spdx_exception, is_spdx_license, spdx_licenses};
use crate::text::nearest;

/// The license that `name` most likely means.
pub(super) fn nearest_license(name: &str) -> Option<&'static str> {
    nearest(name, spdx_licenses().iter().copied())
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
                    && !tokens.next().is_some_and(is_spdx_exception)
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
    let is_own = |text: &str| {
        let name = text.strip_prefix("LicenseRef-");
        name.is_some_and(|n| {
            !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        })
    };
    is_spdx_license(name)
        || name.strip_suffix('+').is_some_and(is_spdx_license)
        || is_own(name)
        || name
            .split_once(':')
            .is_some_and(|(document, own)| document.starts_with("DocumentRef-") && is_own(own))
}

#[cfg(test)]
mod tests {
    use super::*;

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
