use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::text::toml::{At, Fault};

/// Patterns for paths.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    set: GlobSet,
}

impl Globs {
    /// Compiles patterns; one that is wrong is a fault and left out.
    pub(super) fn new(patterns: &[At<String>], faults: &mut Vec<Fault>) -> Self {
        let mut builder = GlobSetBuilder::new();
        for pattern in patterns {
            let text = pattern.value.strip_prefix("./").unwrap_or(&pattern.value);
            let text = text.trim_end_matches('/');
            if text.is_empty() {
                faults.push(Fault::new(pattern.span, "an empty glob would fit everything".to_owned()));
                continue;
            }
            let base = match text.strip_prefix('/') {
                Some(anchored) => anchored.to_owned(),
                None if text.contains('/') => text.to_owned(),
                None => format!("**/{text}"),
            };
            for glob in [format!("{base}/**"), base] {
                match GlobBuilder::new(&glob).literal_separator(true).build() {
                    Ok(glob) => {
                        builder.add(glob);
                    }
                    Err(error) => {
                        faults.push(Fault::new(
                            pattern.span,
                            format!("this is not a valid glob: {}", error.kind()),
                        ));
                        break;
                    }
                }
            }
        }
        let set = builder.build().unwrap_or_else(|error| {
            let span = patterns.first().map_or_else(Default::default, |p| p.span);
            faults.push(Fault::new(span, format!("the globs are too large: {}", error.kind())));
            GlobSet::empty()
        });
        Self { set }
    }

    /// Compiles patterns that stand by themselves.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn of(patterns: &[String]) -> Result<Self, String> {
        let at = |value: &String| At { value: value.clone(), span: Default::default() };
        let mut faults = Vec::new();
        let globs = Self::new(&patterns.iter().map(at).collect::<Vec<_>>(), &mut faults);
        match faults.first() {
            Some(fault) => Err(fault.message.clone()),
            None => Ok(globs),
        }
    }

    /// True if there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// True if a pattern fits the path or a folder that it is in.
    #[must_use]
    pub fn fit(&self, path: &Path) -> bool {
        self.set.is_match(path.strip_prefix(".").unwrap_or(path))
    }
}
