//! The socket of the Docker daemon.

use crate::diag::Severity;
use crate::rules::Cx;
use crate::semantic::ScriptKind;
use crate::syntax::Kind;
use crate::text::Span;

/// `docker-socket`.
pub fn mounted(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (_, instruction) in model.instructions() {
        if let Kind::Volume(_) = &instruction.kind
            && model.text(instruction.arguments).contains(SOCKET)
        {
            let message = "VOLUME does not mount the host's socket: it creates an empty folder there";
            let help =
                "remove it; if a container must talk to the daemon, mount the socket when you start it";
            let mut finding = cx.at(instruction.arguments, message).help(help);
            finding.severity = finding.severity.min(Severity::Info);
            cx.report(finding);
        }
    }
    let mut found: Vec<Span> = Vec::new();
    for program in ["docker", "podman", "nerdctl"] {
        for cmd in model.commands_named(program).filter(|c| c.script().kind == ScriptKind::Run) {
            let words = cmd.args().iter().filter(|w| w.static_prefix().contains(SOCKET));
            found.extend(words.map(|w| w.span));
        }
    }
    for span in found {
        let message =
            "anyone who can write to the Docker daemon's socket has root on the machine that runs it";
        let help = "remove it; if a container must talk to the daemon, mount the socket when you start it";
        cx.report(cx.at(span, message).help(help));
    }
}

const SOCKET: &str = "docker.sock";
