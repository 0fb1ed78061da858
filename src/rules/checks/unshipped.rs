//! Images that nobody ships: those for development and for tests.

use crate::diag::Saving;
use crate::knowledge::{DEVELOPMENT_WORDS, TEST_RUNNERS};
use crate::semantic::{
    Analysis, Cmd, Entry, Model, Stage, is_named_for_tests, is_named_for_work, is_test_fixture, words_of_name,
};
use crate::syntax::Keyword;
use crate::text::Span;

/// True if the name of the stage says that it is not what runs in production.
pub(super) fn is_development(stage: &Stage) -> bool {
    stage.name.as_deref().is_some_and(|name| is_named_for_work(name) || has_word(name, DEVELOPMENT_WORDS))
}

/// True for a file whose name, or a comment at whose head, says that its image is for development: `Dockerfile.dev`.
/// So are files and services for tests.
pub(super) fn is_development_file(model: &Model) -> bool {
    let says = |comment: Span| {
        let text = model.text(comment).to_ascii_lowercase();
        // Hardly any comment has these letters.
        let may_say = text.contains("dev") || text.contains("not for");
        may_say && FOR_DEVELOPMENT.iter().any(|words| text.contains(words))
    };
    let path = model.file.source.name();
    let mut parts = path.rsplit(['/', '\\']);
    let name = parts.next().unwrap_or("");
    let mut folders = parts.filter(|_| is_relative(path));
    is_named_for_work(name)
        || has_word(name, &OF_BUILDERS)
        || folders.any(|folder| has_word(folder, &OF_WORK_FOLDERS))
        || is_for_tests(model)
        || model.file.comments_before(0).take(MAX_COMMENTS).any(says)
}

/// True for a file of a name or in a folder for tests (`Dockerfile.test`, `e2e/Dockerfile`), and for a build of a service
/// of such a name. Of an absolute path only the name counts: what is above the project says nothing of it.
pub(super) fn is_for_tests(model: &Model) -> bool {
    let path = model.file.source.name();
    let mut parts = path.rsplit(['/', '\\']);
    parts.next().is_some_and(is_named_for_tests)
        || is_relative(path) && parts.any(|folder| has_word(folder, &OF_TEST_FOLDERS))
        || model.build().for_tests
}

/// True for a file that a test reads. Of an absolute path nothing is known of the project.
pub(super) fn is_fixture(model: &Model) -> bool {
    let path = model.file.source.name();
    is_relative(path) && is_test_fixture(path)
}

/// True for a path within a project.
fn is_relative(path: &str) -> bool {
    !path.starts_with('/') && !path.contains(':')
}

/// Less is no matter in an image that nobody ships, in bytes.
const LITTLE: u64 = 10_000_000;

/// True if the file is for development or tests, and what would be saved is little, or not known.
pub(super) fn is_little(model: &Model, saving: Option<&Saving>) -> bool {
    saving.is_none_or(|saving| saving.bytes < LITTLE)
        && (model.build().for_editor || is_development_file(model))
}

/// True for the image of a GitHub action, beside whose Dockerfile its description lies: those have to run as root.
pub(super) fn is_action(model: &Analysis) -> bool {
    let describes = |name: &str| matches!(name, "action.yml" | "action.yaml");
    model
        .context()
        .is_some_and(|context| context.scan.per_top.iter().any(|t| !t.folder && describes(&t.name)))
}

/// True for an image that ends with its tests, and starts nothing: it is thrown away once they have passed.
pub(super) fn ends_with_tests(model: &Model, stage: &Stage) -> bool {
    let entry = model.entry(stage);
    let mut runs = stage.steps.clone().rev().filter(|step| model.instruction(*step).keyword == Keyword::Run);
    let last = runs.next().and_then(|step| model.commands_of(step).last());
    entry.entrypoint.is_none() && entry.cmd.is_none() && last.is_some_and(|cmd| runs_tests(&cmd))
}

/// True for a container that runs tests, and ends.
pub(super) fn ends_after_tests(model: &Model, entry: Entry) -> bool {
    model.entry_commands(entry).any(|cmd| runs_tests(&cmd))
}

/// True for a command that runs the tests of a project: `npm test`, `pytest`, `xvfb-run npm run test:unit`.
fn runs_tests(cmd: &Cmd<'_>) -> bool {
    let words = || cmd.shell().words.iter().filter_map(|word| word.as_str());
    let is_runner = TEST_RUNNERS.contains(&cmd.program())
        || words().collect::<Vec<_>>().windows(2).any(|two| two[0] == "-m" && TEST_RUNNERS.contains(&two[1]));
    let names = |word: &str| matches!(word, "test" | "tests") || word.starts_with("test:");
    let is_tool = || cmd.usage.manager.is_some() || cmd.builds_program() || words().any(|word| word == "run");
    is_runner || words().skip(1).any(names) && (is_tool() || TOOLS_WITH_TESTS.contains(&cmd.program()))
}

/// Programs that run tests if they are told to.
const TOOLS_WITH_TESTS: [&str; 8] = ["cargo", "dotnet", "go", "gradle", "gradlew", "make", "mvn", "mvnw"];

/// True if what the container starts is the server of a tool for development: `npm run dev`, `expo start`.
pub(super) fn starts_dev_server(model: &Model, entry: Entry) -> bool {
    model.entry_commands(entry).any(|cmd| {
        // Some run these in production as well.
        let may_ship = matches!(cmd.program(), "ts-node" | "tsx" | "dotnet");
        let starts = |tool: &str| {
            let words = || cmd.args().iter().filter_map(|word| word.as_str());
            (cmd.program() == tool || words().any(|word| word == tool)) && words().any(|word| word == "start")
        };
        !may_ship && cmd.is_dev_server() || starts("expo") || starts("react-scripts")
    })
}

fn has_word(name: &str, words: &[&str]) -> bool {
    words_of_name(name).any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// Words in the names of files whose images only build something.
const OF_BUILDERS: [&str; 3] = ["builder", "buildenv", "toolchain"];

/// Words in the names of folders for work on the program.
const OF_WORK_FOLDERS: [&str; 5] = ["dev", "develop", "development", "devcontainer", "local"];

/// Words in the names of folders of tests.
const OF_TEST_FOLDERS: [&str; 9] =
    ["test", "tests", "e2e", "fixture", "fixtures", "mock", "mocks", "dummy", "devcontainer"];

/// How many comments are read at the head of a file.
const MAX_COMMENTS: usize = 20;

/// How a comment says so, in lower case.
const FOR_DEVELOPMENT: [&str; 11] = [
    "dev dockerfile",
    "dev only",
    "development container",
    "development dockerfile",
    "development environment",
    "development image",
    "development only",
    "for development",
    "for local development",
    "not for production",
    "only for dev",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::Build;
    use crate::syntax::parse;
    use crate::text::Source;

    fn model(path: &str) -> Model {
        Model::of_build(parse(Source::from_text(path, "FROM debian:12\n")), &Build::default())
    }

    #[test]
    fn files_and_services_for_tests_are_known_by_their_names() {
        for path in [
            "Dockerfile.test",
            "docker/e2e.Dockerfile",
            "e2e/Dockerfile",
            "test/web/Dockerfile",
            "browser-test/Dockerfile",
            "Dockerfile_test",
            "DockerfileTests",
            "docker/E2E.Dockerfile",
        ] {
            assert!(is_for_tests(&model(path)), "{path}");
        }
        for path in [
            "Dockerfile",
            "latest/Dockerfile",
            "/home/me/test/Dockerfile",
            "debian/testing/Dockerfile",
            "contest/Dockerfile.ci",
        ] {
            assert!(!is_for_tests(&model(path)), "{path}");
        }
        assert!(is_fixture(&model("pkg/testdata/web/Dockerfile")));
        assert!(
            !is_fixture(&model("/srv/testdata/Dockerfile")) && !is_fixture(&model("fixtures.Dockerfile"))
        );
        assert!(is_development_file(&model("Dockerfile.builder")));
        assert!(is_development_file(&model("Dockerfile.DEV")));
        for path in ["Dockerfile.local", "DockerfileDev", "dev/app.Dockerfile", ".devcontainer/Dockerfile"] {
            assert!(is_development_file(&model(path)), "{path}");
        }
        for path in ["Dockerfile.build", "device/Dockerfile", "/home/me/dev/Dockerfile", "debug/Dockerfile"] {
            assert!(!is_development_file(&model(path)), "{path}");
        }
    }
}
