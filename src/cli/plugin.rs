//! `docker dlint`: what Docker's command line asks of a plug-in, when dlint is called `docker-dlint`.

use std::ffi::OsString;
use std::path::Path;

/// The name under which Docker finds a plug-in for the word `dlint`.
const PROGRAM: &str = "docker-dlint";
const WORD: &str = "dlint";
/// Docker's own options that take the next word. They come along in front of the word.
const WITH_VALUE: [&str; 10] = [
    "-c",
    "-H",
    "-l",
    "--config",
    "--context",
    "--host",
    "--log-level",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
];

/// What a call is after.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// Run with these arguments, the first of which is the name to show.
    Run(Vec<OsString>),
    /// Print this line, which Docker reads.
    Answer(String),
}

/// Understands a call, by Docker or by anybody.
pub(super) fn understand(arguments: Vec<OsString>) -> Call {
    let mut words = arguments.iter();
    let named = words.next().and_then(|program| Path::new(program).file_stem());
    if named.is_none_or(|stem| stem != PROGRAM) {
        return Call::Run(arguments);
    }
    let mut asked = "";
    while let Some(word) = words.next().and_then(|word| word.to_str()) {
        match word {
            "docker-cli-plugin-metadata" => return Call::Answer(metadata()),
            "help" | "__complete" | "__completeNoDesc" => asked = word,
            WORD if asked.starts_with("__complete") => {
                // To Docker's completion scripts: nothing of its own to offer, so the shell completes file names.
                return Call::Answer(":0".to_owned());
            }
            WORD => {
                let help = (asked == "help").then(|| OsString::from("--help"));
                return Call::Run(shown_as("docker dlint").chain(words.cloned()).chain(help).collect());
            }
            _ if WITH_VALUE.contains(&word) => {
                words.next();
            }
            _ if word.starts_with('-') => {}
            _ => break,
        }
    }
    // Called by a person, not by Docker.
    Call::Run(shown_as(PROGRAM).chain(arguments.into_iter().skip(1)).collect())
}

fn shown_as(name: &str) -> impl Iterator<Item = OsString> {
    std::iter::once(OsString::from(name))
}

fn metadata() -> String {
    serde_json::json!({
        "SchemaVersion": "0.1.0",
        "Vendor": "dlint",
        "Version": env!("CARGO_PKG_VERSION"),
        "ShortDescription": "Lint Dockerfiles, and say what each finding costs in bytes",
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(line: &str) -> String {
        match understand(line.split(' ').map(OsString::from).collect()) {
            Call::Run(words) => words.join(" ".as_ref()).into_string().unwrap(),
            Call::Answer(line) => format!("> {line}"),
        }
    }

    #[test]
    fn docker_puts_its_own_words_in_front() {
        let program = "/root/.docker/cli-plugins/docker-dlint";
        for (said, ran) in [
            ("dlint", "docker dlint"),
            ("dlint --fix app", "docker dlint --fix app"),
            ("-D --context prod dlint size", "docker dlint size"),
            ("--context=prod dlint dlint", "docker dlint dlint"),
            ("-c dlint dlint .", "docker dlint ."),
            ("help dlint", "docker dlint --help"),
            ("help dlint size", "docker dlint size --help"),
            ("__complete dlint si", "> :0"),
            // By hand, without the word.
            ("--fix app", "docker-dlint --fix app"),
            ("app dlint", "docker-dlint app dlint"),
        ] {
            assert_eq!(understood(&format!("{program} {said}")), ran);
        }
        assert_eq!(understood(program), "docker-dlint");
        assert_eq!(understood("docker-dlint.exe dlint ."), "docker dlint .");
    }

    #[test]
    fn docker_is_told_who_this_is() {
        let said = understood("docker-dlint docker-cli-plugin-metadata");
        let said: serde_json::Value = serde_json::from_str(said.trim_start_matches("> ")).unwrap();
        assert_eq!(said["SchemaVersion"], "0.1.0");
        assert_eq!(said["Version"], env!("CARGO_PKG_VERSION"));
        assert_ne!(said["Vendor"], "");
    }

    #[test]
    fn nothing_is_special_under_its_own_name() {
        for line in ["dlint docker-cli-plugin-metadata", "dlint dlint", "/usr/bin/dlint help dlint"] {
            assert_eq!(understood(line), line);
        }
    }
}
