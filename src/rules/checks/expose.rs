//! Rules about how EXPOSE writes ports.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{Family, Model, RunsAs};
use crate::syntax::{Kind, Word, container_ports, port_error, port_faults};
use crate::text::Edit;

/// The ports of all EXPOSE.
fn ports<'m>(model: &'m Model<'_>) -> impl Iterator<Item = (usize, &'m Word)> {
    model.instructions().flat_map(|(step, instruction)| {
        let words = match &instruction.kind {
            Kind::Expose(words) => words.as_slice(),
            _ => &[],
        };
        words.iter().map(move |word| (step, word))
    })
}

/// Where the last `mark` stands outside of variables and quotes.
fn last(word: &Word, mark: char) -> Option<usize> {
    let variables = word.variables().ok()?;
    let mut found = word.text.rmatch_indices(mark).map(|(at, _)| at);
    found.find(|at| !variables.iter().any(|v| v.range.contains(at)))
}

fn is_quoted(word: &Word) -> bool {
    word.text.contains(['"', '\'', word.escape.char()])
}

/// `invalid-port`.
pub fn invalid(cx: &mut Cx<'_>) {
    super::syntax::error(cx);
    let model = cx.model;
    // What triggers hold fails no build of this file, but all that run them.
    for (_, word) in ports(model).filter(|(step, _)| model.is_trigger(*step)) {
        for error in port_faults(word) {
            cx.report(super::syntax::finding(cx, &error));
        }
    }
    for (step, word) in ports(model).filter(|(_, w)| w.has_variables()) {
        let value = model.value(step, word);
        let faults = value.known().unwrap_or("").split_whitespace();
        let Some((port, kind)) = faults.filter_map(|p| Some((p, port_error(p)?))).next() else { continue };
        let shown: String = port.chars().take(60).collect();
        let message = format!("`{}` stands for `{shown}`, which is no port", word.text);
        let finding = cx.at(word.span, message).kind(kind.name());
        cx.report(finding.help("give the variable a value such as `8080`, `8000-8010` or `53/udp`"));
    }
}

/// `expose-protocol-casing`.
pub fn protocol_casing(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, word) in ports(model) {
        if let Some(at) = last(word, '/').filter(|_| !is_quoted(word)) {
            let protocol = &word.text[at + 1..];
            if !protocol.contains('$') && !is_lower(protocol) {
                let span = word.part(at + 1..word.text.len());
                let lower = protocol.to_ascii_lowercase();
                let mut finding = cx
                    .at(span, format!("the protocol `{protocol}` is stored as `{lower}`"))
                    .help(format!("write `{lower}`"));
                if word.exact {
                    finding = finding.fix(Fix::safe("write it in lower case", [Edit::replace(span, lower)]));
                }
                cx.report(finding);
                continue;
            }
        }
        let value = model.value(step, word);
        let Some(value) = value.known() else { continue };
        let wrong = value.split_whitespace().filter_map(|p| p.split_once('/')).find(|(_, p)| !is_lower(p));
        if let Some((_, protocol)) = wrong {
            let lower = protocol.to_ascii_lowercase();
            let finding = cx
                .at(word.span, format!("the protocol `{protocol}` is stored as `{lower}`"))
                .help(format!("write `{lower}`"));
            cx.report(finding);
        }
    }
}

fn is_lower(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_uppercase())
}

/// `expose-after-protocol`.
pub fn after_protocol(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (_, word) in ports(model) {
        if word.has_variables() || is_quoted(word) || broken(model, word) {
            continue;
        }
        let Some((second, _)) = word.text.match_indices('/').nth(1) else { continue };
        let (kept, dropped) = word.text.split_at(second);
        let span = word.part(second..word.text.len());
        let shown: String = dropped.chars().take(60).collect();
        let message =
            format!("`{shown}` is dropped by older versions of BuildKit, and newer ones refuse the port");
        let mut finding = cx.at(span, message).help(format!("write `{kept}`"));
        if word.exact {
            finding = finding.fix(Fix::uncertain("remove it", [Edit::delete(span)]));
        }
        cx.report(finding);
    }
}

/// `expose-format`.
pub fn format(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, word) in ports(model) {
        const WHY: &str = "EXPOSE publishes nothing, it only notes the container's port";
        const HELP: &str =
            "name the container's port only; `docker run --publish` maps it to one of the host";
        if let Some(at) = last(word, ':').filter(|_| !is_quoted(word)) {
            let mapping = word.part(0..at + 1);
            let container = &word.text[at + 1..];
            let outside = &word.text[..at];
            let message = format!("`{outside}` has no effect: {WHY}");
            let mut finding = cx.at(mapping, message).help(HELP);
            if word.exact && !word.text.contains('$') && !container.is_empty() {
                let title = format!("write `{container}`");
                finding = finding.fix(Fix::safe(title, [Edit::delete(mapping)]));
            }
            if !broken(model, word) {
                cx.report(finding);
            }
            continue;
        }
        let value = model.value(step, word);
        let mapped = value.known().is_some_and(|v| v.contains(':'));
        if mapped && !broken(model, word) {
            let message = format!("`{}` maps a port of the host: {WHY}", word.text);
            let finding = cx.at(word.span, message).help(HELP);
            cx.report(finding);
        }
    }
}

/// True if a build fails for this word, as `syntax-error` or `invalid-port` says.
fn broken(model: &Model<'_>, word: &Word) -> bool {
    let errors = &model.file.errors;
    let first = errors.partition_point(|e| e.span.start < word.span.start);
    errors.get(first).is_some_and(|e| word.span.contains(e.span)) || !port_faults(word).is_empty()
}

/// `privileged-port`.
pub fn privileged(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, word) in ports(model) {
        let value = model.value(step, word);
        let low = value.known().and_then(container_ports).filter(|(first, _)| (1..1024).contains(first));
        let (Some((port, _)), Some(stage)) = (low, model.stage_of(step)) else { continue };
        // Who runs an image that starts from this one, its own file says.
        if model.is_trigger(step) {
            continue;
        }
        let RunsAs::Other(user) = model.ends_as(stage) else { continue };
        if !model.is_output(stage) || model.family(stage) == Family::Windows {
            continue;
        }
        let who = if user.is_empty() { "without root".to_owned() } else { format!("as `{user}`") };
        let message = format!(
            "the image runs {who}, which cannot open port {port} where the runtime keeps ports below 1024 for root"
        );
        let finding = cx
            .at(word.span, message)
            .help(format!("listen on a port from 1024 on, for example {}", unprivileged(port)));
        cx.report(finding);
    }
}

/// The port that people take instead of a privileged one.
fn unprivileged(port: u16) -> u16 {
    match port {
        80 => 8080,
        443 => 8443,
        port => 8000 + port,
    }
}
