use crate::syntax::{ImageRef, Kind, User, Value};

use super::{Base, Model, Stage, images};

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

impl Model {
    /// Who runs the commands of `step`.
    #[must_use]
    pub fn runs_as(&self, step: usize) -> RunsAs {
        let Some(state) = self.steps.get(step).map(|s| s.state) else { return RunsAs::Unknown };
        match (state.user, self.stage_of(step)) {
            (Some(user), _) => self.named_user(user),
            (None, Some(stage)) => self.base_user(stage),
            (None, None) => RunsAs::Unknown,
        }
    }

    /// Who runs containers of a stage. An image that is called `nonroot` keeps that word, without saying who.
    #[must_use]
    pub fn ends_as(&self, stage: &Stage) -> RunsAs {
        match (self.end_state(stage).user, self.root_base(stage)) {
            (Some(user), _) => self.named_user(user),
            (None, Base::Image(image)) if gives_up_root(image) && self.build.base_config(image).is_none() => {
                RunsAs::Other(String::new())
            }
            (None, _) => self.base_user(stage),
        }
    }

    /// Whom the USER of a step names.
    fn named_user(&self, user: usize) -> RunsAs {
        let Kind::User(Some(word)) = &self.instruction(user).kind else { return RunsAs::Unknown };
        match self.value(user, word) {
            Value::Known(value) => of_name(User::of(&value).name),
            Value::Unknown => RunsAs::Unknown,
        }
    }

    fn base_user(&self, stage: &Stage) -> RunsAs {
        if let Some(config) = self.base_config(stage) {
            return config.user.as_deref().map_or(RunsAs::Unknown, |user| of_name(User::of(user).name));
        }
        match self.root_base(stage) {
            Base::Scratch => RunsAs::Root,
            Base::Image(image) if gives_up_root(image) => RunsAs::Unknown,
            Base::Image(image) => match images::facts(image) {
                Some(facts) => facts.user.map_or(RunsAs::Root, of_name),
                // Docker's official images leave it to their entrypoint to give up root, with few exceptions.
                None if image.is_official() => RunsAs::Root,
                None => RunsAs::Unknown,
            },
            _ => self.below(stage).map_or(RunsAs::Unknown, |(model, stage)| model.ends_as(stage)),
        }
    }
}

/// True if the tag says that the image runs as somebody else.
fn gives_up_root(image: &ImageRef) -> bool {
    let tag = image.tag.as_deref().unwrap_or("");
    ["nonroot", "rootless", "unprivileged", "chiseled"].iter().any(|word| tag.contains(word))
}

fn of_name(name: &str) -> RunsAs {
    // No name at all is root.
    if name.is_empty() || name == "ContainerAdministrator" || User::of(name).is_root() {
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
            ("FROM gcr.io/distroless/static-debian12", RunsAs::Root),
            ("FROM gcr.io/distroless/static-debian12:debug-nonroot", RunsAs::Unknown),
            ("FROM debian:12\nUSER 000", RunsAs::Root),
            ("FROM ghcr.io/acme/base", RunsAs::Unknown),
            ("ARG BASE\nFROM $BASE", RunsAs::Unknown),
            ("FROM debian:12\nUSER app:app", other("app")),
            ("FROM debian:12\nUSER app\nUSER 0:0", RunsAs::Root),
            ("FROM debian:12\nARG U=app\nUSER $U", other("app")),
            ("FROM debian:12\nARG U\nUSER $U", RunsAs::Unknown),
            ("FROM debian:12 AS a\nUSER app\nFROM a", other("app")),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("{text}\nRUN true\n")));
            let model = Model::new(file.clone());
            assert_eq!(model.runs_as(file.instructions.len() - 1), want, "{text}");
        }
    }
}
