//! Rules about how EXPOSE writes ports.

use crate::diag::{Finding, Fix};
use crate::knowledge::Family;
use crate::rules::Cx;
use crate::semantic::{Model, RunsAs};
use crate::syntax::{Kind, PortWord, WordPart, ports};
use crate::text::{Edit, Span};

/// The ports of all EXPOSE.
fn exposed(model: &Model) -> impl Iterator<Item = (usize, &PortWord)> {
    model.instructions().flat_map(|(step, instruction)| {
        let words = match &instruction.kind {
            Kind::Expose(words) => words.as_slice(),
            _ => &[],
        };
        words.iter().map(move |word| (step, word))
    })
}

/// `invalid-port`.
pub fn invalid(cx: &mut Cx<'_>) {
    super::syntax::error(cx);
    let model = cx.model;
    // What triggers hold fails no build of this file, but all that run them.
    for (step, port) in exposed(model).filter(|(step, _)| model.is_trigger(*step)) {
        // A comment has a rule of its own.
        let comments = model.instruction(step).trailing_comments(&model.file);
        if comments.iter().any(|comment| comment.contains(port.word.span)) {
            continue;
        }
        for error in port.faults() {
            cx.report(super::syntax::finding(cx, &error));
        }
    }
    for (step, PortWord { word, .. }) in exposed(model).filter(|(_, p)| p.word.has_variables()) {
        let value = model.value(step, word);
        let Some(fault) = value.known().and_then(|v| ports(v).find_map(Result::err)) else { continue };
        let shown: String = fault.port.chars().take(60).collect();
        let message = format!("`{}` is `{shown}` here, which is not a valid port", word.text);
        let finding = cx.at(word.span, message).kind(fault.kind.name());
        cx.report(finding.help("give the variable a value such as `8080`, `8000-8010` or `53/udp`"));
    }
}

/// `expose-protocol-casing`.
pub fn protocol_casing(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, port) in exposed(model) {
        let written = port.protocol().filter(|p| !p.text.contains('$') && !is_lower(p.text));
        if let Some(WordPart { text, span }) = written {
            let mut finding = in_capitals(cx, span, text);
            if port.word.exact {
                let edit = Edit::replace(span, text.to_ascii_lowercase());
                finding = finding.fix(Fix::safe("write it in lower case", [edit]));
            }
            cx.report(finding);
            continue;
        }
        let value = model.value(step, &port.word);
        let mut protocols = ports(value.known().unwrap_or("")).flatten().filter_map(|p| p.protocol);
        if let Some(protocol) = protocols.find(|p| !is_lower(p)) {
            cx.report(in_capitals(cx, port.word.span, protocol));
        }
    }
}

fn in_capitals(cx: &Cx<'_>, span: Span, protocol: &str) -> Finding {
    let lower = protocol.to_ascii_lowercase();
    cx.at(span, format!("the protocol `{protocol}` is stored as `{lower}`")).help(format!("write `{lower}`"))
}

fn is_lower(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_uppercase())
}

/// `expose-after-protocol`.
pub fn after_protocol(cx: &mut Cx<'_>) {
    for (_, port) in exposed(cx.model).filter(|(_, p)| !p.word.has_variables()) {
        let Some(rest) = port.rest().filter(|_| port.faults().is_empty()) else { continue };
        let shown: String = rest.text.chars().take(60).collect();
        let message = format!("older versions of BuildKit drop `{shown}`, and newer ones reject the port");
        let kept = port.word.text.strip_suffix(rest.text).unwrap_or(&port.word.text);
        let mut finding = cx.at(rest.span, message).help(format!("write `{kept}`"));
        if port.word.exact {
            finding = finding.fix(Fix::uncertain("remove it", [Edit::delete(rest.span)]));
        }
        cx.report(finding);
    }
}

/// `expose-format`.
pub fn format(cx: &mut Cx<'_>) {
    const WHY: &str = "EXPOSE publishes nothing; it only documents the container's port";
    const HELP: &str =
        "write only the container's port; `docker run --publish` maps it to a port of the host";
    let model = cx.model;
    for (step, port) in exposed(model) {
        let word = &port.word;
        if let (Some(host), Some(container)) = (port.host(), port.container()) {
            if !port.faults().is_empty() {
                continue;
            }
            let mapping =
                if word.exact { Span::new(host.span.start, container.span.start) } else { word.span };
            let mut finding = cx.at(mapping, format!("`{}` has no effect: {WHY}", host.text)).help(HELP);
            if word.exact && !word.text.contains('$') && !container.text.is_empty() {
                let title = format!("write `{}`", container.text);
                finding = finding.fix(Fix::safe(title, [Edit::delete(mapping)]));
            }
            cx.report(finding);
            continue;
        }
        let value = model.value(step, word);
        let maps = value.known().is_some_and(|v| ports(v).flatten().any(|p| p.host.is_some()));
        if maps && port.faults().is_empty() {
            let message = format!("`{}` maps a port of the host: {WHY}", word.text);
            cx.report(cx.at(word.span, message).help(HELP));
        }
    }
}

/// `privileged-port`.
pub fn privileged(cx: &mut Cx<'_>) {
    let model = cx.model;
    // Who runs an image that starts from this one, its own file says.
    for (step, PortWord { word, .. }) in exposed(model).filter(|(step, _)| !model.is_trigger(*step)) {
        let value = model.value(step, word);
        let mut firsts = ports(value.known().unwrap_or("")).flatten().map(|p| p.range.0);
        let low = firsts.find(|first| (1..1024).contains(first));
        let (Some(port), Some(stage)) = (low, model.stage_of(step)) else { continue };
        let RunsAs::Other(user) = model.ends_as(stage) else { continue };
        if !model.is_output(stage) || model.family(stage) == Family::Windows {
            continue;
        }
        let who = if user.is_empty() { "without root".to_owned() } else { format!("as `{user}`") };
        let message = format!(
            "the image runs {who}, which cannot open port {port} if the runtime reserves ports below 1024 for root"
        );
        let finding = cx
            .at(word.span, message)
            .help(format!("listen on port 1024 or above, for example {}", unprivileged(port)));
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
