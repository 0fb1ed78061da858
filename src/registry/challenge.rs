//! What a registry says about how to log in: the header `WWW-Authenticate`.

/// A way to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    /// A token of that service is wanted.
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

/// A header is no longer than that.
const MAX_HEADER: usize = 8 << 10;

/// The ways that the headers name, a token first.
pub(super) fn challenges<'h>(headers: impl Iterator<Item = &'h str>) -> Vec<Challenge> {
    let mut found = Vec::new();
    for header in headers.take(8) {
        let header = header.get(..MAX_HEADER).unwrap_or(header);
        let mut rest = header;
        while let Some((scheme, parameters, behind)) = next(rest) {
            rest = behind;
            let of = |name: &str| {
                let mut named = parameters.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
                named.next().map(|(_, value)| value.clone())
            };
            if scheme.eq_ignore_ascii_case("basic") {
                found.push(Challenge::Basic);
            } else if scheme.eq_ignore_ascii_case("bearer")
                && let Some(realm) = of("realm")
            {
                found.push(Challenge::Bearer { realm, service: of("service") });
            }
        }
    }
    found.sort_by_key(|challenge| matches!(challenge, Challenge::Basic));
    found
}

type Parameters = Vec<(String, String)>;

/// A scheme with its parameters, and what stands behind it.
fn next(text: &str) -> Option<(&str, Parameters, &str)> {
    let text = text.trim_start_matches([' ', '\t', ',']);
    let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
    let (scheme, mut rest) = text.split_at(end);
    if scheme.is_empty() {
        return None;
    }
    let mut parameters = Vec::new();
    loop {
        let at = rest.trim_start_matches([' ', '\t', ',']);
        // A word without `=` is the next scheme.
        let end = at.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(at.len());
        let (key, behind) = at.split_at(end);
        let Some(value) = behind.trim_start_matches([' ', '\t']).strip_prefix('=').filter(|_| end > 0) else {
            return Some((scheme, parameters, at));
        };
        let (value, behind) = value_of(value.trim_start_matches([' ', '\t']));
        parameters.push((key.to_owned(), value));
        rest = behind;
    }
}

/// A value, perhaps in quotes, and what stands behind it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter => value.push(letter),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) }
    }

    #[test]
    fn headers_name_ways_to_log_in() {
        let of = |headers: &[&str]| challenges(headers.iter().copied());
        assert_eq!(
            of(&[
                r#"Bearer realm="https://auth.example/token",service="registry.example",scope="a:b,c:pull""#
            ]),
            [bearer("https://auth.example/token", Some("registry.example"))]
        );
        assert_eq!(of(&[r#"Basic realm="Registry Realm""#]), [Challenge::Basic]);
        let token = bearer("https://a.example/t", None);
        assert_eq!(
            of(&["Basic realm=x, Bearer realm=https://a.example/t"]),
            [token.clone(), Challenge::Basic]
        );
        assert_eq!(of(&["basic", "bearer realm = \"https://a.example/t\" ,"]), [token, Challenge::Basic]);
        assert_eq!(of(&[r#"Bearer realm="a\"b""#]), [bearer("a\"b", None)]);
        assert_eq!(of(&["Negotiate", "Digest realm=\"x\"", "Bearer", ""]), []);
    }

    #[test]
    fn what_makes_no_sense_comes_to_an_end() {
        for text in
            ["=", "=,=", "Bearer =x", "Bearer realm=\"", "Bearer realm=\"a\\", ",,,,", "ä ö=ü", "\" \" \""]
        {
            challenges(std::iter::once(text));
        }
        let long = "Bearer realm=ü,".repeat(10_000);
        challenges(std::iter::once(long.as_str()));
    }
}
