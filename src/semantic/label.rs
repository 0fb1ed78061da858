//! The labels that LABEL gives an image.

use crate::syntax::{Kind, Pair, Value, Word};

use super::{BindingKind, Model, Stage};

/// A label.
#[derive(Debug, Clone)]
pub struct LabelUse<'a> {
    /// The step.
    pub step: usize,
    /// Key and value as written.
    pub pair: &'a Pair,
    /// The key, as far as it is known.
    pub key: Value,
    /// The value. Unknown also where a build argument decides, even if that has a default.
    pub value: Value,
    /// True behind ONBUILD: images that start from this one get it.
    pub onbuild: bool,
}

impl Model {
    /// All labels, in the order of the file.
    pub fn labels(&self) -> impl Iterator<Item = LabelUse<'_>> {
        self.instructions().flat_map(|(step, _)| self.labels_of_step(step))
    }

    /// The labels that an image has which ends with `stage`: its own ones, and those of the stages that it
    /// starts from.
    pub fn labels_of<'m>(&'m self, stage: &'m Stage) -> impl Iterator<Item = LabelUse<'m>> {
        let steps = self.lineage(stage).flat_map(|s| s.steps.clone());
        steps.flat_map(|step| self.labels_of_step(step)).filter(|label| !label.onbuild)
    }

    fn labels_of_step(&self, step: usize) -> impl Iterator<Item = LabelUse<'_>> {
        let instruction = self.instruction(step);
        let pairs: &[Pair] = match &instruction.kind {
            Kind::Label(pairs) => pairs,
            _ => &[],
        };
        pairs.iter().map(move |pair| LabelUse {
            step,
            pair,
            key: self.value(step, &pair.key),
            value: match &pair.value {
                Some(word) if !self.is_argument(step, word) => self.value(step, word),
                _ => Value::Unknown,
            },
            onbuild: instruction.is_trigger(),
        })
    }

    /// True if a build argument has a part in the word.
    fn is_argument(&self, step: usize, word: &Word) -> bool {
        let variables = word.variables().unwrap_or_default();
        variables.iter().any(|v| self.binding(step, &v.name).is_some_and(|b| b.kind == BindingKind::Arg))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn labels_are_inherited_from_stages() {
        let text = "FROM scratch AS base\nLABEL a=1 'b c'=\"2\"\nONBUILD LABEL o=1\nFROM scratch\nLABEL x=1\n\
            FROM base\nARG V=3\nENV E=4\nLABEL d=$V e=$E \"f$E\"=$U\n";
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        let shown = |label: LabelUse<'_>| {
            let text = |value: &Value| value.known().unwrap_or("?").to_owned();
            format!("{}={}", text(&label.key), text(&label.value))
        };
        let last = model.final_stage().unwrap();
        let labels: Vec<String> = model.labels_of(last).map(shown).collect();
        assert_eq!(labels, ["d=?", "e=4", "f4=", "a=1", "b c=2"]);
        assert_eq!(model.labels().count(), 7);
        assert_eq!(model.labels().filter(|l| l.onbuild).count(), 1);
    }
}
