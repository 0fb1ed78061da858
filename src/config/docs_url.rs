use std::str::FromStr;

/// Where the pages of the rules are on the web: a site with a page for each rule at `rules/NAME.html`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocsUrl(String);

impl DocsUrl {
    /// The site that the package names as its homepage; nothing while it names none.
    #[must_use]
    pub fn published() -> Option<Self> {
        env!("CARGO_PKG_HOMEPAGE").parse().ok()
    }

    /// The address without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The page of a rule.
    #[must_use]
    pub fn page(&self, rule: &str) -> String {
        format!("{}/rules/{rule}.html", self.0)
    }
}

impl FromStr for DocsUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = ["https://", "http://", "file:///"].iter().find_map(|scheme| text.strip_prefix(scheme));
        // What is in no address could be more than one where it is written.
        let is_plain = |c: char| c.is_ascii_graphic() && !"<>\"'`|\\^{}".contains(c);
        match rest {
            Some(rest) if !rest.is_empty() && rest.chars().all(is_plain) => {
                Ok(Self(text.trim_end_matches('/').to_owned()))
            }
            _ => {
                let shown: String = text.chars().take(60).collect();
                Err(format!("`{shown}` is not the address of a site, such as https://example.com/dlint"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_below_the_address() {
        for base in ["https://example.com/dlint", "https://example.com/dlint/"] {
            let url: DocsUrl = base.parse().unwrap();
            assert_eq!(url.page("latest-tag"), "https://example.com/dlint/rules/latest-tag.html");
        }
        for wrong in
            ["", "example.com", "https://", "https://a b", "https://a\u{1b}]8;;", "ftp://a", "https://소"]
        {
            assert!(wrong.parse::<DocsUrl>().is_err(), "{wrong}");
        }
    }
}
