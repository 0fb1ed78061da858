//! What `--set` says: other values for attributes of targets, whatever the files say.

use std::path::Path;

use crate::problem::{Problem, quoted};
use crate::source::Place;
use crate::target::Text;

use super::draft::{Draft, Located};

/// One value of `--set`: `web.args.VERSION=1`, `*.platform=linux/arm64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The targets that it is for, by name or pattern.
    pub targets: String,
    /// The attribute, and, behind a dot, the name in it: `args.VERSION`.
    pub key: String,
    /// The value; `None` for one that the environment gives to an argument.
    pub value: Option<Text>,
    /// Where it is written.
    pub place: Place,
}

impl Override {
    /// Reads `TARGETS.KEY=VALUE`; a value is known unless `is_known` says no.
    ///
    /// # Errors
    /// If there is no key, or no value for what is no argument.
    pub fn parse(text: &str, place: Place, is_known: impl Fn(&str) -> bool) -> Result<Self, Problem> {
        let refused = |message: String| Problem { place: Some(place), message };
        let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
        let (targets, key) = key.split_once('.').ok_or_else(|| {
            refused(format!("{} names no target and attribute: `TARGET.KEY=VALUE`", quoted(key)))
        })?;
        if value.is_none() && !key.starts_with("args.") {
            return Err(refused(format!("{} has no value: `TARGET.KEY=VALUE`", quoted(text))));
        }
        let value = value.map(|value| Text {
            value: is_known(value).then(|| value.to_owned()),
            ..Text::literal("", place)
        });
        Ok(Self { targets: targets.to_owned(), key: key.to_owned(), value, place })
    }

    /// Whether it changes what is built, and not only where it goes and what is kept of it.
    pub(crate) fn changes_build(&self) -> bool {
        let attribute = self.key.split(['.', '+']).next().unwrap_or_default();
        ["args", "contexts", "context", "dockerfile", "target", "platform", "tags"].contains(&attribute)
    }

    /// Whether both say the same, of values that are known.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let value = |said: &Self| said.value.as_ref().map(|text| text.value.clone());
        (&self.targets, &self.key) == (&other.targets, &other.key)
            && value(self) == value(other)
            && value(self) != Some(None)
    }

    /// Whether it is for the target of this name.
    pub(super) fn fits(&self, name: &str) -> bool {
        fits(self.targets.as_bytes(), name.as_bytes())
    }
}

/// Gives a target the values that are for it; paths begin in `folder`.
pub(super) fn apply(all: &[Override], draft: &mut Draft, folder: &Path) {
    let (mut platforms, mut tags): (Option<Vec<Text>>, Option<Vec<Text>>) = (None, None);
    for said in all.iter().filter(|said| said.fits(&draft.name)) {
        let located = |text: &Text| Located { text: text.clone(), base: Some(folder.to_path_buf()) };
        let (attribute, name) = match said.key.split_once('.') {
            Some((attribute, name)) => (attribute, name.to_owned()),
            None => (said.key.as_str(), String::new()),
        };
        match (attribute, &said.value) {
            ("args", value) => {
                // Without a value it is what the environment of whoever builds has.
                let of_environment =
                    || Text { value: None, from_environment: true, ..Text::literal("", said.place) };
                let value = value.clone().unwrap_or_else(of_environment);
                draft.args.insert(name, (said.place, Some(value)));
            }
            ("contexts", Some(value)) => {
                draft.contexts.insert(name, (said.place, located(value)));
            }
            ("context", Some(value)) => draft.context = Some(located(value)),
            ("dockerfile", Some(value)) => draft.dockerfile = Some(value.clone()),
            ("target", Some(value)) => draft.stage = Some(value.clone()),
            // Several of them add up, and take the place of those that the files name.
            ("platform", Some(value)) => platforms.get_or_insert_default().push(value.clone()),
            ("tags", Some(value)) => tags.get_or_insert_default().push(value.clone()),
            ("platform+", Some(value)) => draft.platforms.get_or_insert_default().push(value.clone()),
            ("tags+", Some(value)) => draft.tags.get_or_insert_default().push(value.clone()),
            _ => {}
        }
    }
    draft.platforms = platforms.or(draft.platforms.take());
    draft.tags = tags.or(draft.tags.take());
}

/// As Go's `path.Match` has it for names: `*` and `?`. No pattern with a class fits.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    // Where the last `*` stands, and where in the name what follows it began.
    let (mut star, mut mark) = (None, 0);
    let (mut at, mut of) = (0, 0);
    while of < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                (star, mark) = (Some(at), of);
                at += 1;
            }
            Some(letter) if *letter == b'?' || *letter == name[of] => (at, of) = (at + 1, of + 1),
            _ => match star {
                Some(star) => {
                    mark += 1;
                    (at, of) = (star + 1, mark);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_names() {
        let fits = |pattern: &str, name: &str| fits(pattern.as_bytes(), name.as_bytes());
        for (pattern, name) in
            [("*", "web"), ("web", "web"), ("w*", "web"), ("*-arm", "a-arm-arm"), ("a?c*", "abc")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("w", "web"), ("web*x", "web"), ("?", "ab"), ("*b", "abc"), ("[w]eb", "web"), ("", "a")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
