use std::collections::HashSet;

use crate::config::Settings;
use crate::diag::{Finding, Origin};
use crate::rules::checks::secret_names::{sounds_secret, without_secrets};
use crate::rules::{Category, Check, Cx, Given, Needs, Policy, Reading, RuleId, RuleMeta, matcher};
use crate::semantic::{Analysis, Build, Builder, Model, reads_like_dockerfile};
use crate::size::apt_installs;
use crate::syntax::{File, Keyword, Swallowed, SyntaxError, SyntaxErrorKind};
use crate::text::{Arrange, Edit, Span};

use super::triggered;

/// What the rules that are on say of a file, in the order of the text.
#[cfg(any(test, feature = "internals"))]
#[must_use]
pub fn lint(model: &Analysis, settings: &Settings) -> Vec<Finding> {
    lint_until(model, settings, &|| false)
}

/// Says nothing of what a build is told that sounds like a secret.
fn hide_secrets(finding: &mut Finding, build: &Build) {
    let hide = |text: &mut String| *text = without_secrets(build, text);
    hide(&mut finding.message);
    finding.help.iter_mut().for_each(hide);
    finding.labels.iter_mut().for_each(|label| hide(&mut label.text));
}

/// The same until `ended` says so, which is asked before each rule.
pub(super) fn lint_until(model: &Analysis, settings: &Settings, ended: &dyn Fn() -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let installs = apt_installs(model);
    let given = Given {
        policy: &settings.policy,
        base_images: &settings.base_images,
        apt_installs: &installs,
        chosen: settings.chosen(),
    };
    // What it renders to may be right: of a template only one thing is said.
    let is_template = model.template_mark().is_some();
    // Most projects show nothing of their builders.
    let shows = model.is_built_by(|builder| builder != Builder::BuildKit);
    let unsaid = shows.then(|| settings.rules.unsaid()).into_iter().flatten();
    let shown = unsaid.filter(|(id, rule, _)| is_shown(*id, &rule.meta, model));
    for (_, rule, severity) in settings.rules.enabled().chain(shown).filter(|(id, rule, _)| {
        is_asked(*id, &rule.meta, model, &settings.policy) && (!is_template || *id == RuleId::TEMPLATE_FILE)
    }) {
        if ended() {
            break;
        }
        let first = findings.len();
        let mut cx = Cx::new(model, &rule.meta, settings.options(rule), given, severity, &mut findings);
        match &rule.check {
            Check::Code(check) => check(&mut cx),
            Check::Match => matcher::check_built_in(&mut cx),
            Check::User(matcher) => matcher::check(matcher, &mut cx),
            // Those of files that start builds are asked by `super::entry_files`.
            Check::Engine | Check::Entry(_) => {}
        }
        if rule.meta.reads == Reading::Build && !model.file.errors.is_empty() {
            let found = findings.split_off(first);
            findings.extend(found.into_iter().filter(|finding| !rests_on_fault(finding, model)));
        }
    }
    if !is_template && !ended() {
        findings.extend(triggered::findings(model, settings));
    }
    if model.build().args.keys().any(|name| sounds_secret(name)) {
        findings.iter_mut().for_each(|finding| hide_secrets(finding, model.build()));
    }
    // Once for all findings: a long instruction may have many.
    let swallowers = model.file.swallowers();
    if !swallowers.is_empty() {
        let missed = missed_by(&swallowers);
        findings.retain(|finding| !rests_on_swallowed(finding, &swallowers, &missed));
    }
    // Of a file that cannot be read as it is only the faults are mended: nobody knows what the rest will be.
    let faults = faults(model);
    // What is not a Dockerfile is never rewritten.
    let is_other = !reads_like_dockerfile(&model.file);
    for finding in findings.iter_mut().filter(|f| f.fix.is_some()) {
        if is_other && finding.origin == Origin::Dockerfile
            || !mends(finding, &faults)
            || edits_swallower(finding, &model.file, &swallowers)
        {
            finding.fix = None;
        }
    }
    findings.retain_mut(|finding| settings.rules.judge(finding));
    sort(&mut findings);
    // What triggers do in several stages is said once.
    findings
        .dedup_by(|a, b| (a.origin, a.span, &a.rule, &a.message) == (b.origin, b.span, &b.rule, &b.message));
    findings
}

/// Brings findings into the order of the text.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.arrange_by(|a, b| {
        (a.origin, a.span, &a.rule, &a.message).cmp(&(b.origin, b.span, &b.rule, &b.message))
    });
}

/// True for what is said of an instruction that BuildKit refuses: nobody knows what it will be once it is mended.
fn rests_on_fault(finding: &Finding, model: &Model) -> bool {
    let mut faults = model.file.faults_around(finding.span);
    finding.origin == Origin::Dockerfile
        && faults.any(|error| !leaves_the_rest(error.kind) && model.is_refused(error))
}

/// Rules that speak of layers or of the cache.
const NEEDS_LAYERS: [RuleId; 8] = [
    RuleId::CLEANUP_IN_LATER_LAYER,
    RuleId::CONSECUTIVE_RUNS,
    RuleId::COPIED_TWICE,
    RuleId::COPY_BEFORE_INSTALL,
    RuleId::COPY_THEN_UNPACK,
    RuleId::DATA_WITH_CODE,
    RuleId::DEAD_CLEANUP,
    RuleId::RUN_WASTES_LAYER,
];

/// True for a strict rule that is on because of what the project shows of its builders.
fn is_shown(id: RuleId, meta: &RuleMeta, analysis: &Analysis) -> bool {
    match (meta.category, id) {
        (_, RuleId::SYMBOLIC_CHMOD) => analysis.is_built_by(|builder| builder == Builder::Docker26),
        (_, RuleId::DROPPED_BY_PODMAN) => analysis.is_built_by(Builder::is_buildah),
        (Category::Portability, _) => !analysis.also().is_empty(),
        _ => false,
    }
}

/// Rules whose findings stay true of an instruction that has swallowed another one.
const BESIDE_SWALLOWED: [RuleId; 11] = [
    RuleId::COMMENT_DROPS_REST,
    RuleId::EMPTY_CONTINUATION,
    RuleId::INSTRUCTION_CASING,
    RuleId::INVALID_UTF8,
    RuleId::LOST_DIRECTIVE,
    RuleId::MAINTAINER_DEPRECATED,
    RuleId::ONBUILD_TRIGGER,
    RuleId::SECRET_IN_ENV,
    RuleId::SECRET_VALUE,
    RuleId::SWALLOWED_INSTRUCTION,
    RuleId::SYNTAX_ERROR,
];

/// What misses an instruction that was swallowed: it is there, and counts again once the two are parted.
const fn misses(swallowed: Keyword) -> &'static [RuleId] {
    match swallowed {
        Keyword::Arg | Keyword::Env => {
            &[RuleId::ARG_OUTSIDE_STAGE, RuleId::UNDECLARED_ARG_IN_FROM, RuleId::UNDEFINED_VARIABLE]
        }
        Keyword::From => &[RuleId::COPY_FROM_UNKNOWN_STAGE, RuleId::MISSING_MULTI_STAGE],
        Keyword::Healthcheck => &[RuleId::MISSING_HEALTHCHECK],
        Keyword::Label => &[RuleId::MISSING_LABEL],
        Keyword::Run => &[RuleId::MISSING_PROGRAM],
        Keyword::User => &[RuleId::NO_USER, RuleId::ROOT_USER],
        Keyword::Workdir => &[RuleId::COPY_RELATIVE_DESTINATION, RuleId::RELATIVE_WORKDIR],
        _ => &[],
    }
}

/// The rules that miss an instruction that was swallowed.
fn missed_by(swallowers: &[(Span, Swallowed)]) -> HashSet<&'static str> {
    swallowers.iter().flat_map(|(_, swallowed)| misses(swallowed.keyword)).map(|id| id.name()).collect()
}

/// True for what is said of an instruction that has swallowed another one, whose words it takes for its own, and
/// for what misses the one that is swallowed.
fn rests_on_swallowed(
    finding: &Finding,
    swallowers: &[(Span, Swallowed)],
    missed: &HashSet<&'static str>,
) -> bool {
    let at = swallowers.partition_point(|(instruction, _)| instruction.end < finding.span.start);
    let inside = swallowers.get(at).is_some_and(|(instruction, _)| instruction.contains(finding.span));
    finding.origin == Origin::Dockerfile
        && (inside && !BESIDE_SWALLOWED.iter().any(|id| id.is(&finding.rule))
            || missed.contains(&*finding.rule))
}

/// True for a fault that does not change what the other words of the instruction mean.
const fn leaves_the_rest(kind: SyntaxErrorKind) -> bool {
    use SyntaxErrorKind::{
        InvalidCheck, InvalidDuration, InvalidPlatform, InvalidPort, InvalidProtocol, InvalidStageName,
    };
    matches!(
        kind,
        InvalidCheck | InvalidDuration | InvalidPlatform | InvalidPort | InvalidProtocol | InvalidStageName
    )
}

/// What the builder refuses and what may change the meaning of the rest, in the order of the places.
pub(super) fn faults(model: &Model) -> Vec<Span> {
    let reads = |kind| {
        leaves_the_rest(kind) || matches!(kind, SyntaxErrorKind::InvalidUtf8 | SyntaxErrorKind::MissingFrom)
    };
    let counts = |error: &&SyntaxError| model.is_refused(error) && !reads(error.kind);
    model.file.errors.iter().filter(counts).map(|error| error.span).collect()
}

/// True for a finding that may be fixed: about one of `faults`, which are in the order of their places, if there are any.
pub(super) fn mends(finding: &Finding, faults: &[Span]) -> bool {
    let about = |fault: &Span| fault.start <= finding.span.end && finding.span.start <= fault.end;
    let first = faults.partition_point(|fault| fault.end < finding.span.start);
    finding.origin != Origin::Dockerfile
        || faults.is_empty()
        || faults.iter().skip(first.saturating_sub(1)).take(MAX_NEAR).any(about)
}

/// The most faults that are looked at beside a finding; one may lie within another.
const MAX_NEAR: usize = 8;

/// True if the fix edits an instruction that has swallowed another one, and does not free that by deleting the
/// escape character between them: what stands there is not what was meant.
pub(super) fn edits_swallower(finding: &Finding, file: &File, swallowers: &[(Span, Swallowed)]) -> bool {
    let edits = || finding.fix.iter().flat_map(|fix| &fix.edits);
    let frees = |escape: Span| {
        let gone = |e: &Edit| e.text.trim().is_empty() && e.span.text(file.text()).trim().len() == 1;
        edits().any(|e| e.span.contains(escape) && gone(e))
    };
    finding.origin == Origin::Dockerfile
        && edits().any(|edit| {
            let first = swallowers.partition_point(|(instruction, _)| instruction.end < edit.span.start);
            let behind = swallowers.iter().skip(first);
            let mut touched = behind.take_while(|(instruction, _)| instruction.start < edit.span.end);
            touched.any(|(_, swallowed)| !frees(swallowed.escape))
        })
}

/// False if what the rule needs is not known.
pub(super) fn is_asked(id: RuleId, meta: &RuleMeta, model: &Analysis, policy: &Policy) -> bool {
    if !model.build().builder.makes_layers() && NEEDS_LAYERS.contains(&id) {
        return false;
    }
    match meta.needs {
        Needs::Dockerfile => true,
        Needs::Context => model.context().is_some() || !model.named().folders.is_empty(),
        Needs::Policy => policy.rules().any(|rule| rule == id),
        // See `super::scripts` and `super::entry_files`.
        Needs::Shellcheck | Needs::Entry => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::semantic::Model;
    use crate::syntax;
    use crate::text::Source;

    #[test]
    fn of_a_file_that_does_not_build_only_the_faults_are_mended() {
        let text = "FORM debian:12\nCMD [\"a\", 1]\nRUN --mont=x cd /a && apt-get install -y b\nRUN apt-get install b\n\
            from debian:12 # why\nexpose 80 81x\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let (config, faults) = config::parse("select = ['all']", std::sync::Arc::default());
        assert_eq!(faults, []);
        let path = std::path::Path::new("Dockerfile");
        let settings = config.settings(path, &crate::rules::Choice::default(), None);
        let fixed = |f: &Finding| f.fix.as_ref().map(|_| format!("{} {}", f.rule, f.span.text(text)));
        let found = lint(&Analysis::new(Model::new(file.clone())), &settings);
        let fixed: Vec<String> = found.iter().filter_map(fixed).collect();
        let of =
            |line: &str| fixed.iter().filter(|f| f.contains(line)).map(String::as_str).collect::<Vec<_>>();
        assert_eq!(of("syntax-error"), ["syntax-error FORM", "syntax-error --mont"], "{fixed:#?}");
        // They wait until the file builds.
        assert!(of("install-without-yes").is_empty(), "{fixed:#?}");
        assert_eq!(of("comment-after-arguments"), ["comment-after-arguments # why"], "{fixed:#?}");
        assert!(!fixed.iter().any(|f| f.ends_with("expose")), "{fixed:#?}");
    }

    #[test]
    fn what_has_swallowed_an_instruction_is_not_edited() {
        let text = "FROM debian:12\nRUN apt-get install -y curl \\\n\nCOPY a/../b /c\n\
            RUN apt-get install git \\\n  # CMD\nCMD x\nRUN apt-get install vim \\\n  nano\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let (config, _) = config::parse("select = ['all']", std::sync::Arc::default());
        let path = std::path::Path::new("Dockerfile");
        let settings = config.settings(path, &crate::rules::Choice::default(), None);
        let found = lint(&Analysis::new(Model::new(file.clone())), &settings);
        let others = found.iter().filter(|f| f.rule != "swallowed-instruction");
        let edits = others.filter_map(|f| f.fix.as_ref()).flat_map(|f| &f.edits);
        let vim = Span::of(text.find("RUN apt-get install vim").unwrap()..text.len());
        let elsewhere: Vec<_> = edits.clone().filter(|e| !vim.contains(e.span)).collect();
        assert!(elsewhere.is_empty(), "{elsewhere:#?}");
        assert!(edits.count() > 0, "{found:#?}");
        let escape = Span::of(text.find('\\').unwrap()..text.find('\\').unwrap() + 1);
        let freed = Finding::new("a", crate::diag::Severity::Error, escape, "b");
        let fix = |edit: Edit| crate::diag::Fix::uncertain("drop it", [edit]);
        let swallowers = file.swallowers();
        assert!(!edits_swallower(&freed.clone().fix(fix(Edit::delete(escape))), &file, &swallowers));
        assert!(edits_swallower(&freed.fix(fix(Edit::insert(escape.start, "x"))), &file, &swallowers));
    }

    #[test]
    fn of_what_has_swallowed_an_instruction_only_the_text_is_judged() {
        let found = |text: &str| {
            let file = syntax::parse(Source::from_text("Dockerfile", text));
            let findings = lint(&Analysis::new(Model::new(file)), &Settings::default());
            findings.iter().map(|f| f.rule.to_string()).collect::<Vec<_>>()
        };
        for text in [
            "FROM alpine:3.22\nCOPY a /b \\\nRUN ./x\nUSER 1\n",
            "FROM alpine:3.22\nEXPOSE 80 \\\nCMD x\n",
            "FROM alpine:3.22\nRUN apk add x \\\nUSER app\nCMD [\"a\"]\n",
            "FROM alpine:3.22\nUSER app \\\nCMD [\"x\"]\n",
            "FROM alpine:3.22\nENV A 1 \\\nWORKDIR /a\nCOPY a ./\nUSER 1\n",
        ] {
            assert_eq!(found(text), ["swallowed-instruction"], "{text}");
        }
        // What stands elsewhere, and what the text holds, counts.
        assert_eq!(
            found("FROM alpine:latest\nENV TOKEN=k3J9fQ2xLm8RtY5w \\\n\nUSER=1 \\\nRUN a\nUSER 1\n"),
            ["latest-tag", "secret-in-env", "swallowed-instruction", "empty-continuation", "syntax-error"]
        );
    }

    #[test]
    fn nothing_is_said_that_rests_on_a_fault() {
        let found = |text: &str| {
            let file = syntax::parse(Source::from_text("Dockerfile", text));
            let findings = lint(&Analysis::new(Model::new(file)), &Settings::default());
            findings.iter().map(|f| f.rule.to_string()).collect::<Vec<_>>()
        };
        for text in [
            "FROM debian:12\nUSER 1\nCOPY --from build /app/a /app/b /usr/share/x\n",
            "FROM debian:12\nUSER 1\nCMD --x\n",
            "FROM debian:12 AS a\nFROB alpine\nUSER 1\n",
            "FROM ubuntu 24.04\nUSER 1\n",
        ] {
            assert_eq!(found(text), ["syntax-error"], "{text}");
        }
        // The image of a stage with a faulty name is what it is.
        assert_eq!(found("FROM debian:latest AS größe\nUSER 1\n"), ["latest-tag", "syntax-error"]);
    }

    /// What the rules of a configuration say of a Dockerfile.
    fn said(toml: &str, text: &str) -> Vec<Finding> {
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let (config, faults) = config::parse(toml, std::sync::Arc::default());
        assert_eq!(faults, []);
        let path = std::path::Path::new("Dockerfile");
        let settings = config.settings(path, &crate::rules::Choice::default(), None);
        lint(&Analysis::new(Model::new(file)), &settings)
    }

    #[test]
    fn variables_count_in_flags_and_in_lines_that_are_copied() {
        let found = |text: &str| {
            let all = said(
                "select = ['arg-outside-stage', 'shell-variable-in-instruction', 'undefined-variable']",
                text,
            );
            all.iter().map(|f| format!("{}: {}", f.rule, f.span.text(text))).collect::<Vec<_>>()
        };
        let lines = "COPY <<EOF /größe\na='$NOPE' b=${NOPE:-c} \\$NOPE \"$V\"\nd=$PWD\nEOF\n";
        assert_eq!(
            found(&format!("ARG V\nFROM debian:12\n{lines}")),
            ["undefined-variable: $NOPE", "arg-outside-stage: $V", "shell-variable-in-instruction: $PWD"]
        );
        // These lines stay as they are, and a shell reads those of RUN.
        for quoted in ["COPY <<'EOF' /a\n$NOPE\nEOF\n", "RUN <<EOF\necho $NOPE\nEOF\n"] {
            assert_eq!(found(&format!("FROM debian:12\n{quoted}")), [""; 0], "{quoted}");
        }
    }

    #[test]
    fn with_buildkit_alone_the_shell_form_is_reported_wherever_docker_does() {
        let found =
            |toml: &str, text: &str| said(toml, text).iter().map(|f| f.rule.to_string()).collect::<Vec<_>>();
        let shell_form = ["shell-form-command"];
        for text in [
            "FROM scratch\nCOPY größe /\nCMD größe\n",
            "FROM scratch\nENTRYPOINT /größe --fest\n",
            "FROM scratch AS a\nFROM a\nENTRYPOINT /größe\n",
            "FROM debian:12\nCMD exec sleep 1\n",
            "FROM debian:12\nCMD /bin/bash\n",
            "FROM debian:12\nCMD mkdir /größe\n",
            "FROM debian:12\nCMD [\"größe\"] # klein\n",
        ] {
            assert_eq!(found("select = ['buildkit']", text), shell_form, "{text}");
        }
        // BuildKit has two warnings of a name that an undeclared variable spoils.
        let names = ["invalid-default-arg-in-from", "undeclared-arg-in-from"];
        for name in ["a:${B}", "gcr.io/$PROJECT/größe-los", "$B"] {
            assert_eq!(found("select = ['buildkit']", &format!("FROM {name}\n")), names, "{name}");
            let both = found(
                "select = ['invalid-default-arg-in-from', 'undeclared-arg-in-from']",
                &format!("FROM {name}\n"),
            );
            assert_eq!(both, names[1..], "{name}");
        }
        assert_eq!(found("select = ['buildkit']", "FROM a$B\n"), names[1..]);
        // Whoever asks for more gets the rule that says more.
        let scratch = "FROM scratch\nCMD größe\n";
        assert_eq!(found("select = ['missing-program', 'shell-form-command']", scratch), ["missing-program"]);
        assert_eq!(found("select = ['shell-form-command']", scratch), shell_form);
        assert_eq!(found("select = ['shell-form-command']", "FROM debian:12\nCMD /bin/bash\n"), [""; 0]);
        assert_eq!(found("select = ['buildkit']", "FROM debian:12\nSHELL [\"a\"]\nCMD b\n"), [""; 0]);
    }

    #[test]
    fn a_part_of_a_rule_has_a_switch_and_a_severity_of_its_own() {
        let text = "FROM debian:12\nRUN pip install a\nRUN apk add b\nRUN yum -y install c\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let found = |toml: &str| {
            let (config, faults) = config::parse(toml, std::sync::Arc::default());
            assert_eq!(faults, []);
            let path = std::path::Path::new("Dockerfile");
            let settings = config.settings(path, &crate::rules::Choice::default(), None);
            let findings = lint(&Analysis::new(Model::new(file.clone())), &settings);
            findings
                .iter()
                .map(|f| format!("{} {}", f.alias.as_deref().unwrap_or(""), f.severity))
                .collect::<Vec<_>>()
        };
        let all = ["hadolint:DL3042 warning", "hadolint:DL3019 warning", "hadolint:DL3032 warning"];
        assert_eq!(found("select = ['cache-left-in-layer']"), all);
        assert_eq!(found("select = ['cache-left-in-layer']\nignore = ['DL3019']"), [all[0], all[2]]);
        assert_eq!(found("select = ['DL3019']"), [all[1]]);
        assert_eq!(
            found("select = ['DL3019', 'DL3032']\nseverity.DL3019 = 'info'"),
            ["hadolint:DL3019 info", all[2]]
        );
    }
}
