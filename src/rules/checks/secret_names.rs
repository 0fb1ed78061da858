//! Secrets that end up in the image, by the names of variables.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use crate::diag::{Finding, Label};
use crate::knowledge::{SECRET_ABOUT, SECRET_WORDS, STAND_IN_MARKS, STAND_IN_WORDS, STAND_INS};
use crate::rules::Cx;
use crate::semantic::{Build, Model};
use crate::syntax::{Instruction, Keyword, Kind, Operator, Word};
use crate::text::with_word;

use super::key_paths::{is_below_folder, is_file, is_key_path};
use super::public_values::{given_to_browsers, is_for_browsers, is_said_public};
use super::secrets::{is_placeholder, reaches_image};
use super::waste::is_for_tests;

const HARMLESS: [&str; 3] = ["file", "public", "version"];

/// `secret-in-env`.
pub fn name(cx: &mut Cx<'_>) {
    // A stand-in in the tests of a project guards nothing.
    if is_for_tests(cx.model.file.source.name()) {
        return;
    }
    // What other stages or lines declare again is one secret.
    let mut told: HashMap<(&str, bool), usize> = HashMap::new();
    let mut findings: Vec<Finding> = Vec::new();
    for (instruction, name, value) in
        secretive(cx.model).into_iter().filter(|(.., value)| !value.is_harmless())
    {
        let text = &name.text;
        let is_arg = matches!(instruction.kind, Kind::Arg(_));
        if let Some(known) = told.get(&(&**text, is_arg)).and_then(|at| findings.get_mut(*at)) {
            known.labels.push(Label { span: name.span, text: "and here".into() });
            continue;
        }
        // `ENV TOKEN=$TOKEN` keeps what the ARG has said.
        if !is_arg
            && takes_itself(instruction, name)
            && let Some(known) = told.get(&(&**text, true)).and_then(|at| findings.get_mut(*at))
        {
            known.labels.push(Label {
                span: name.span,
                text: "and here, where anyone who has the image can read it".into(),
            });
            continue;
        }
        let is_used = may_be_used(cx.model, instruction);
        let at = cx.model.file.instructions.partition_point(|i| i.span.end <= name.span.start);
        let is_kept = reaches_image(cx.model, at);
        let (message, help) = match (&instruction.kind, value) {
            (Kind::Arg(_), _) => (
                match is_kept {
                    true => format!(
                        "`{text}` sounds like a secret, and build arguments end up in the image's history and provenance"
                    ),
                    false => format!(
                        "`{text}` sounds like a secret, and build arguments end up in the build cache and the image's provenance"
                    ),
                },
                if is_used {
                    format!(
                        "do not use ARG: pass it to the RUN that needs it with `--mount=type=secret,id={text},env={text}`"
                    )
                } else {
                    format!(
                        "remove it, since no RUN follows that could use it: set `{text}` when the container starts"
                    )
                },
            ),
            _ => (
                match is_kept {
                    true => format!(
                        "`{text}` sounds like a secret, and anyone who has the image can read its variables"
                    ),
                    false => format!("`{text}` sounds like a secret, and stays in the build cache"),
                },
                format!(
                    "do not use ENV: set it when the container starts, and pass it to a RUN that needs it with `--mount=type=secret,id={text},env={text}`"
                ),
            ),
        };
        told.insert((&**text, is_arg), findings.len());
        findings.push(cx.at(name.span, message).help(help));
    }
    for (key, argument) in taken_in(cx.model) {
        let message = format!(
            "`{}` gets its value from `{argument}`, which sounds like a secret, and anyone who has the image can read its variables",
            key.text
        );
        let help = "set it in the RUN that needs it, from a secret mount, or when the container starts";
        findings.push(cx.at(key.span, message).help(help));
    }
    findings.into_iter().for_each(|finding| cx.report(finding));
}

/// True for `ENV NAME=$NAME`.
fn takes_itself(instruction: &Instruction, name: &Word) -> bool {
    let Kind::Env(pairs) = &instruction.kind else { return false };
    let pair = pairs.iter().find(|pair| pair.key.span == name.span);
    let value = pair.and_then(|pair| pair.value.as_ref()).map(|value| value.text.trim_matches('"'));
    value.is_some_and(|value| {
        value.strip_prefix('$').map(|rest| rest.trim_matches(['{', '}'])) == Some(&*name.text)
    })
}

/// The variables of ENV whose names say nothing, and whose values hold an ARG that sounds like a secret, with that.
fn taken_in(model: &Model) -> Vec<(&Word, String)> {
    let for_browsers = LazyCell::new(|| given_to_browsers(model.file.text()));
    let is_argument = |step: usize, name: &str| {
        sounds_secret(name)
            && !is_about(name)
            && !is_for_browsers(name)
            && !for_browsers.contains(name)
            && model.binding(step, name).is_some_and(|binding| {
                matches!(model.instruction(binding.step).kind, Kind::Arg(_))
                    && binding.value.known().is_none_or(|value| value.is_empty() || is_secret(name, value))
            })
    };
    let mut found = Vec::new();
    for (step, instruction) in model.instructions().filter(|(step, _)| !model.is_trigger(*step)) {
        let Kind::Env(pairs) = &instruction.kind else { continue };
        if model.stage_of(step).is_none_or(|stage| !stage.in_final_image) {
            continue;
        }
        for pair in pairs.iter().filter(|pair| {
            (!sounds_secret(&pair.key.text) || is_about(&pair.key.text)) && !is_for_browsers(&pair.key.text)
        }) {
            let Some(value) = pair.value.as_ref().filter(|value| value.has_variables()) else { continue };
            let taken = value.variables().unwrap_or_default().into_iter().find(|variable| {
                // `${TOKEN:+yes}` only asks whether there is one.
                variable.operator != Operator::Alternative && is_argument(step, &variable.name)
            });
            found.extend(taken.map(|variable| (&pair.key, variable.name.to_string())));
        }
    }
    found
}

/// True if a RUN of the stage, or of one that starts from it, stands behind an instruction.
fn may_be_used(model: &Model, instruction: &Instruction) -> bool {
    let step = model.instructions().find(|(_, other)| other.span == instruction.span).map(|(step, _)| step);
    let Some((step, stage)) = step.and_then(|step| Some((step, model.stage_of(step)?))) else { return true };
    model
        .instructions()
        .filter(|(at, i)| *at > step && i.keyword == Keyword::Run)
        .any(|(at, _)| model.stage_of(at).is_some_and(|own| model.inherits(own, stage)))
}

/// `secret-name-in-env`.
pub fn harmless_name(cx: &mut Cx<'_>) {
    for (_, name, value) in secretive(cx.model) {
        let text = &name.text;
        let (what, help) = match value {
            Content::Secret => continue,
            Content::Fingerprint => (
                "the fingerprint of a public key",
                "a name with `PUBLIC` in it, such as `GPG_PUBLIC_KEY`, says so",
            ),
            Content::Empty => {
                ("empty or a placeholder", "leave it out: most programs treat an unset variable as empty")
            }
            Content::Switch => {
                ("only a switch", "use a name without such a word, if the program lets you choose")
            }
            Content::About => (
                "something about a secret, not the secret itself",
                "if it is a path, a name with `FILE` in it says so",
            ),
            Content::Public => (
                "part of what browsers get",
                "a name with `PUBLIC` in it says so, if the program lets you choose",
            ),
        };
        let message = format!("`{text}` sounds like a secret to other tools, though the value is {what}");
        cx.report(cx.at(name.span, message).help(help));
    }
}

/// What is behind a name that sounds like a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Secret,
    Fingerprint,
    Empty,
    Switch,
    About,
    Public,
}

impl Content {
    fn is_harmless(self) -> bool {
        self != Self::Secret
    }
}

/// The variables of ARG and ENV whose names sound like a secret, with what they hold.
fn secretive(model: &Model) -> Vec<(&Instruction, &Word, Content)> {
    let for_browsers = LazyCell::new(|| given_to_browsers(model.file.text()));
    let mut found = Vec::new();
    for (step, instruction) in model.instructions() {
        let (decls, pairs) = match &instruction.kind {
            Kind::Arg(decls) => (decls.as_slice(), &[][..]),
            Kind::Env(pairs) => (&[][..], pairs.as_slice()),
            _ => continue,
        };
        let decls = decls.iter().map(|d| (&d.name, d.default.as_ref(), true));
        let pairs = pairs.iter().map(|p| (&p.key, p.value.as_ref(), false));
        for (name, value, is_arg) in decls.chain(pairs).filter(|(name, ..)| sounds_secret(&name.text)) {
            let content = match content(model, step, name, value, is_arg, &for_browsers) {
                Content::Secret if is_said_public(model, instruction) => Content::Public,
                content => content,
            };
            found.push((instruction, name, content));
        }
    }
    found
}

/// True for a variable whose name sounds like a secret, and whose value, which is not empty, may be one.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let value = value.trim();
    sounds_secret(name) && !is_about(name) && !value.is_empty() && of_text(value, name) == Content::Secret
}

/// True if the last part of a name says that it is something about a secret: `TOKEN_URL`.
fn is_about(name: &str) -> bool {
    let end = name.rsplit('_').next();
    let upper = name.to_ascii_uppercase();
    // What a key is called by; that of an account of Amazon's belongs to a secret.
    let is_id = upper.ends_with("KEY_ID") && !upper.contains("ACCESS");
    let starts = ["CACHE_", "USE_"].iter().any(|start| upper.starts_with(start));
    is_id || starts || end.is_some_and(|end| SECRET_ABOUT.iter().any(|a| a.eq_ignore_ascii_case(end)))
}

/// True for a number of few digits, and for a version: `4096`, `v1`, `1.2.3`. A password may be a number.
fn is_number(text: &str, name: &str) -> bool {
    let digits = text.strip_prefix('v').unwrap_or(text);
    let is_version = digits.contains('.') || digits.len() < text.len();
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let is_password =
        name.to_ascii_uppercase().contains("PASS") || name.to_ascii_uppercase().contains("PWORD");
    is_plain && !is_password && (is_version || digits.len() <= 5)
}

fn content(
    model: &Model,
    step: usize,
    name: &Word,
    value: Option<&Word>,
    is_arg: bool,
    given_to_browsers: &HashSet<&str>,
) -> Content {
    if is_about(&name.text) {
        let is_switch = value.is_some_and(|word| of_text(&word.text, &name.text) == Content::Switch);
        return if is_switch { Content::Switch } else { Content::About };
    }
    if is_for_browsers(&name.text) || given_to_browsers.contains(&*name.text) {
        return Content::Public;
    }
    // Alone they are words for all kinds of things.
    let is_bare = ["KEY", "AUTH"].contains(&&*name.text);
    let Some(word) = value else { return if is_bare { Content::About } else { Content::Secret } };
    let given = |name: &str| model.binding(step, name).is_some();
    let Some(value) = model.value(step, word).known().map(str::to_owned) else {
        if is_below_folder(&word.text) {
            return Content::About;
        }
        // `KEY=$KEY` and `KEY=${KEY:-}` without an ARG above keep what the base image has, if anything.
        let text = word.text.trim_matches('"').trim_start_matches(['$', '{']).trim_end_matches('}');
        let other = text.strip_suffix(":-").or(text.strip_suffix('-')).unwrap_or(text);
        let is_name = other.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        return if !is_arg && is_name && word.has_variables() && !given(other) {
            Content::Empty
        } else {
            Content::Secret
        };
    };
    match value.trim() {
        // An argument without a value is there to be given one, by itself or through `ENV KEY=$KEY`.
        "" if is_arg && is_bare => Content::About,
        "" if is_arg => Content::Secret,
        // `${KEY:-}` is empty unless the container is given one.
        "" if word.variables().is_ok_and(|all| all.iter().any(|v| given(&v.name))) => Content::Secret,
        text if is_of_account(model, text) => Content::Empty,
        text => of_text(text, &name.text),
    }
}

/// True for a password that is the name of the user or of the database as well: one for a demonstration.
fn is_of_account(model: &Model, text: &str) -> bool {
    let names = |key: &str| {
        let last = key.rsplit('_').next().unwrap_or(key);
        ["USER", "USERNAME", "DB", "DATABASE"].iter().any(|name| last.eq_ignore_ascii_case(name))
    };
    let pairs = model.file.instructions.iter().flat_map(|instruction| match &instruction.kind {
        Kind::Env(pairs) => pairs.as_slice(),
        _ => &[],
    });
    let mut named = pairs.take(MAX_PAIRS).filter(|pair| names(&pair.key.text));
    named.any(|pair| pair.value.as_ref().is_some_and(|value| *value.text == *text))
}

/// The most variables that are held against a password.
const MAX_PAIRS: usize = 256;

/// What a text is, by itself and beside the name of its variable.
fn of_text(text: &str, name: &str) -> Content {
    match text {
        // An underscore, or stars: somebody is to set it when the container starts.
        text if !text.contains(char::is_alphanumeric) => Content::Empty,
        text if ["true", "false", "yes", "no", "on", "off", "0", "1"]
            .iter()
            .any(|s| s.eq_ignore_ascii_case(text)) =>
        {
            Content::Switch
        }
        text if is_stand_in(text, name) || text.starts_with("django-insecure-") => Content::Empty,
        text if is_number(text, name) => Content::About,
        // Keys for browsers of Stripe, Mapbox and PostHog.
        text if ["pk_live_", "pk_test_", "pk.eyJ", "phc_"].iter().any(|start| text.starts_with(start)) => {
            Content::Public
        }
        text if is_fingerprint(text) => Content::Fingerprint,
        text if is_place(text) || is_file(text) || is_key_path(text) => Content::About,
        text if is_setting(text, name) => Content::About,
        _ => Content::Secret,
    }
}

/// What is around the name of what a template or a script puts there.
const TO_BE_FILLED_IN: [(&str, &str); 6] =
    [("<", ">"), ("@", "@"), ("%", "%"), ("{{", "}}"), ("__", "__"), ("[", "]")];

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" ._-:|".contains(&byte)
}

/// True for what stands where somebody is to put a secret: `changeme`, `00000000`, `api_key` for `API_KEY`.
fn is_stand_in(text: &str, name: &str) -> bool {
    let letters = |text: &str| {
        let kept = text.bytes().filter(u8::is_ascii_alphanumeric);
        kept.map(|b| b.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    let whole = name;
    let (value, name) = (letters(text), letters(name));
    // `DEADBEEFDEADBEEF`, `0xCAFEBABE`.
    let digits = value.strip_prefix(b"0x").unwrap_or(&value);
    let are_words = |word: &[u8]| STAND_INS.iter().any(|known| known.as_bytes() == word);
    // The password `postgres` of POSTGRES_PASSWORD is known to all who know the program.
    let is_role = matches!(value.as_slice(), b"admin" | b"root");
    let of_name = |part: &str| part.eq_ignore_ascii_case(text) && part.len() > 2 && !is_role;
    whole.split('_').any(of_name)
        || (digits.len() >= 8 && digits.chunks(8).all(are_words))
        || value.windows(2).all(|pair| pair[0] == pair[1])
        || value == name
        || STAND_INS.iter().any(|word| word.as_bytes() == value)
        || is_placeholder(text.as_bytes())
        || is_phrase(text)
        || TO_BE_FILLED_IN.iter().any(|(start, end)| {
            let inner = text.strip_prefix(start).and_then(|text| text.strip_suffix(end));
            inner.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(is_of_name))
        })
}

/// True for a phrase that says itself that it is no secret yet: `dev-secret-do-not-use-in-production`.
fn is_phrase(text: &str) -> bool {
    let words = || text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let has = |words: &[&str], word: &str| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    let number = |word: &str| word.len() < 5 && word.bytes().all(|b| b.is_ascii_digit());
    words().any(|word| has(STAND_IN_MARKS, word))
        && words().all(|word| {
            has(STAND_IN_MARKS, word) || has(STAND_IN_WORDS, word) || has(STAND_INS, word) || number(word)
        })
}

/// True for a word that a key or a way to log in is called by: `SORT_KEY=name`, `AUTH=basic`. Nobody's real key is
/// words without a digit.
fn is_setting(text: &str, name: &str) -> bool {
    let weak = |part: &str| ["key", "auth"].iter().any(|w| part.eq_ignore_ascii_case(w));
    let strong = |part: &str| {
        SECRET_WORDS.iter().any(|w| part.eq_ignore_ascii_case(w)) && !weak(part)
            || [
                "secret",
                "api",
                "access",
                "private",
                "encryption",
                "encrypt",
                "master",
                "csrf",
                "jwt",
                "session",
                "cookie",
                "signing",
                "hmac",
            ]
            .iter()
            .any(|w| part.eq_ignore_ascii_case(w))
    };
    let parts = || name.split('_').filter(|part| !part.is_empty());
    let is_words = text.len() <= 24 && text.bytes().all(|b| b.is_ascii_alphabetic() || b" -_.".contains(&b));
    let of_words = text.contains(' ') && text.split(' ').any(|word| word.eq_ignore_ascii_case("value"));
    parts().any(weak) && !parts().any(strong) && (is_words || of_words)
}

/// True for an absolute path, and for a URL without a password.
fn is_place(text: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"/._-".contains(&b);
    // Of two folders, or with an ending: a password may start with a slash.
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'/');
    let is_deep = text.bytes().filter(|b| *b == b'/').count() > 1 || text.contains('.') || is_word(text);
    let is_path = text.starts_with('/') && is_deep && text.bytes().all(is_name) || text.starts_with("C:\\");
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    is_path || is_url && !text.contains(['@', '?'])
}

/// True for the 16 or 40 hexadecimal digits, perhaps in groups, that name a public OpenPGP key; several
/// may follow each other.
fn is_fingerprint(text: &str) -> bool {
    let digits = |t: &str| t.chars().filter(|c| *c != ' ').count();
    let is_hex = |t: &str| t.chars().all(|c| c.is_ascii_digit() || matches!(c, 'A'..='F' | ' '));
    let one = |t: &str| {
        let t = t.strip_prefix("0x").unwrap_or(t);
        is_hex(t) && matches!(digits(t), 16 | 40)
    };
    one(text) || text.split_ascii_whitespace().all(one)
}

/// How names of secrets end that are written in one word.
const COMPOUND_ENDS: [&str; 6] = ["ACCESSKEY", "APIKEY", "PASSWORD", "PRIVATEKEY", "SECRET", "TOKEN"];

/// The shortest value that is hidden.
const MIN_HIDDEN: usize = 4;

/// What is said of a build, without the values of arguments that sound like secrets.
#[must_use]
pub fn without_secrets(build: &Build, said: &str) -> String {
    let mut said = said.to_owned();
    for (name, value) in &build.args {
        if value.len() >= MIN_HIDDEN && said.contains(value.as_str()) && sounds_secret(name) {
            said = with_word(&said, value, &format!("${name}"));
        }
    }
    said
}

/// True for the name of a variable whose value most likely is a secret.
pub fn sounds_secret(name: &str) -> bool {
    // Bundler logs in to a host with the value of `BUNDLE_GEMS__EXAMPLE__COM`.
    let ends = ["__COM", "__ORG", "__NET", "__IO", "__DEV"];
    if name.starts_with("BUNDLE_") && ends.iter().any(|end| name.ends_with(end)) {
        return true;
    }
    let has = |words: &[&str]| name.split('_').any(|part| words.iter().any(|w| part.eq_ignore_ascii_case(w)));
    // `ACCESSTOKEN`, which BuildKit does not know.
    let is_compound = |part: &str| {
        let upper = part.to_ascii_uppercase();
        COMPOUND_ENDS.iter().any(|end| upper.len() > end.len() && upper.ends_with(end))
    };
    (has(SECRET_WORDS) || name.split('_').any(is_compound) || is_short(name)) && !has(&HARMLESS)
}

/// True for the short forms of such words, which mean something else alone: `DB_PASS`, `MYSQL_PWD`, `GH_PAT`.
fn is_short(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let Some((before, last)) = upper.rsplit_once('_') else { return upper == "PASSPHRASE" };
    match last {
        // A test may pass, and so may a compiler's run.
        "PASS" => !["TEST", "BUILD", "FIRST", "SECOND", "MULTI"].iter().any(|word| before.ends_with(word)),
        "PASSPHRASE" | "PWD" | "PSWD" => !before.is_empty(),
        // Personal access tokens.
        "PAT" => ["GH", "GITHUB", "GITLAB", "AZURE"].iter().any(|host| before.ends_with(host)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
