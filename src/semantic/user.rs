use crate::syntax::{Kind, Value};

use super::{Base, Model, images};

/// Who runs the commands of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunsAs {
    /// root.
    Root,
    /// Somebody else, as USER or the base image says.
    Other(String),
    /// The base image decides, and little is known of it; or it depends on a variable.
    Unknown,
}

impl Model<'_> {
    /// Who runs the commands of `step`.
    #[must_use]
    pub fn runs_as(&self, step: usize) -> RunsAs {
        let Some(state) = self.steps.get(step).map(|s| s.state) else { return RunsAs::Unknown };
        let Some(user) = state.user else { return self.base_user(step) };
        let Kind::User(Some(word)) = &self.instruction(user).kind else { return RunsAs::Unknown };
        match self.value(user, word) {
            Value::Known(value) => of_name(value.split(':').next().unwrap_or("")),
            Value::Unknown => RunsAs::Unknown,
        }
    }

    fn base_user(&self, step: usize) -> RunsAs {
        match self.stage_of(step).map(|s| self.root_base(s)) {
            Some(Base::Scratch) => RunsAs::Root,
            Some(Base::Image(image)) => match images::facts(image) {
                Some(facts) => facts.user.as_deref().map_or(RunsAs::Root, of_name),
                None if image.tag.as_deref().is_some_and(|t| t.contains("nonroot")) => RunsAs::Unknown,
                // Docker's official images leave it to their entrypoint to give up root, with few exceptions.
                None if image.is_official() => RunsAs::Root,
                None => RunsAs::Unknown,
            },
            _ => RunsAs::Unknown,
        }
    }
}

fn of_name(name: &str) -> RunsAs {
    if matches!(name, "root" | "0" | "ContainerAdministrator") {
        RunsAs::Root
    } else {
        RunsAs::Other(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn users_come_from_user_and_from_the_base() {
        let other = |name: &str| RunsAs::Other(name.to_owned());
        for (text, want) in [
            ("FROM debian:12", RunsAs::Root),
            ("FROM scratch", RunsAs::Root),
            ("FROM ghcr.io/acme/base", RunsAs::Unknown),
            ("ARG BASE\nFROM $BASE", RunsAs::Unknown),
            ("FROM debian:12\nUSER app:app", other("app")),
            ("FROM debian:12\nUSER app\nUSER 0:0", RunsAs::Root),
            ("FROM debian:12\nARG U=app\nUSER $U", other("app")),
            ("FROM debian:12\nARG U\nUSER $U", RunsAs::Unknown),
            ("FROM debian:12 AS a\nUSER app\nFROM a", other("app")),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("{text}\nRUN true\n")));
            let model = Model::new(&file);
            assert_eq!(model.runs_as(file.instructions.len() - 1), want, "{text}");
        }
    }
}
