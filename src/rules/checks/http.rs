//! What comes over plain HTTP.

use crate::diag::{Finding, Fix};
use crate::knowledge::{ManagerId, SOURCE_VARIABLES, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Analysis, Cmd, Destination, Download, Install, ScriptKind, SourceKind};
use crate::shell::Word;
use crate::syntax::Kind;
use crate::text::{Edit, Span};

use super::unshipped::is_fixture;

/// How many steps behind a download are searched for a check of what it brought.
const MAX_STEPS: usize = 16;

/// Subcommands of git that fetch.
const GIT: [&str; 6] = ["clone", "fetch", "pull", "submodule", "remote", "archive"];

/// Servers that ended with a release of a system, and where its packages went.
const GONE: [(&str, &str); 2] =
    [("mirror.centos.org", "vault.centos.org"), ("mirrorlist.centos.org", "vault.centos.org")];

/// `plain-http`.
pub fn plain(cx: &mut Cx<'_>) {
    let mut found: Vec<(Span, bool)> = Vec::new();
    let model = cx.model;
    for download in model.downloads() {
        let cmd = download.cmd;
        if matches!(download.destination, Destination::Nowhere) || download.sends() || !counts(&cmd) {
            continue;
        }
        let urls = download.urls.iter().filter(|w| cmd.text_of(w).is_some_and(|u| is_plain(&u)));
        found.extend(urls.map(|w| (w.span, w.exact)));
    }
    for (_, commands) in model.programs().filter(|(program, _)| program_is(program, Trait::Fetches)) {
        for cmd in commands.filter(counts) {
            let mut plain = sources(&cmd).into_iter().peekable();
            if plain.peek().is_some() && !is_held_against_hashes(model, &cmd) {
                found.extend(plain);
            }
        }
    }
    for cmd in model.commands_named("git").filter(|c| counts(c)) {
        // Options such as `-c` come before it.
        if cmd.args().iter().filter_map(|w| w.as_str()).any(|w| GIT.contains(&w))
            && !cmd.is_subcommand("config")
        {
            found.extend(sources(&cmd));
        }
    }
    for copy in model.copies.iter().filter(|c| c.add && !c.mount) {
        if model.instruction(copy.step).flag("checksum").is_some() {
            continue;
        }
        let urls = copy.sources.iter().filter(|s| matches!(s.kind, SourceKind::Url | SourceKind::Git));
        let urls = urls.filter(|s| s.value.known().is_some_and(is_plain));
        found.extend(urls.map(|s| (s.span, true)));
    }
    for (step, instruction) in model.instructions() {
        if let Kind::Env(pairs) = &instruction.kind {
            for pair in pairs.iter().filter(|p| SOURCE_VARIABLES.contains(&&*p.key.text)) {
                let Some(word) = &pair.value else { continue };
                let of_node = pair.key.text.to_ascii_uppercase().contains("REGISTRY");
                if of_node && installs_by_lock(model) {
                    continue;
                }
                if model.value(step, word).known().is_some_and(is_plain) {
                    found.push((word.span, word.exact));
                }
            }
        }
    }
    if found.is_empty() || is_fixture(model) {
        return;
    }
    for (span, exact) in found {
        let finding = finding(cx, span, exact);
        cx.report(finding);
    }
}

fn finding(cx: &Cx<'_>, span: Span, exact: bool) -> Finding {
    let message =
        "anyone on the network path can tamper with a download over plain HTTP, and nothing checks it";
    let host =
        cx.model.text(span).split("http://").nth(1).and_then(|rest| rest.split(['/', ':', '"']).next());
    if let Some((gone, instead)) = GONE.iter().find(|(gone, _)| Some(*gone) == host) {
        let message = format!("`{gone}` no longer exists, so this download fails");
        return cx.at(span, message).help(format!("take it from `https://{instead}`"));
    }
    let finding =
        cx.at(span, message).help("use `https://`, or check the download against a checksum in this file");
    let scheme = cx.model.text(span).find("http://").filter(|_| exact);
    match scheme.map(|at| span.start + Span::of(0..at + "http".len()).end) {
        Some(at) => finding.fix(Fix::uncertain("use `https://`", [Edit::insert(at, "s")])),
        None => finding,
    }
}

/// True for a command of a build, behind which nothing compares a checksum or a signature.
fn counts(cmd: &Cmd<'_>) -> bool {
    if cmd.script().kind != ScriptKind::Run {
        return false;
    }
    let Some(stage) = cmd.stage() else { return false };
    let steps = cmd.step()..stage.steps.end.min(cmd.step() + MAX_STEPS);
    let start = cmd.shell().span.start;
    !cmd.model.last_checks(steps).any(|check| check > start)
}

/// True for an install whose packages are held against the hashes of a lock file or of a list, wherever they come from.
fn is_held_against_hashes(model: &Analysis, cmd: &Cmd<'_>) -> bool {
    match cmd.usage.manager.map(|m| m.id) {
        Some(id) if id.is_node() => {
            // What is named beside the manifest is in no lock file.
            (cmd.operands().is_empty() || cmd.is_subcommand("config") || cmd.is_subcommand("set"))
                && installs_by_lock(model)
        }
        Some(ManagerId::Pip | ManagerId::Uv) => {
            let lists = cmd.requirement_files();
            let has_hashes = |path: &Option<String>| {
                path.as_deref().and_then(|p| model.text_of(p)).is_some_and(|t| t.contains("--hash="))
            };
            cmd.has_flag("--require-hashes")
                || cmd.is_subcommand("sync") && cmd.has_any_flag(&["--locked", "--frozen"])
                || !lists.is_empty() && lists.iter().all(has_hashes)
        }
        _ => false,
    }
}

/// True if all installs of Node's projects go by a lock file, which has a hash of each package.
fn installs_by_lock(model: &Analysis) -> bool {
    let by_lock = |install: &Install<'_>| {
        let cmd = &install.cmd;
        let frozen = ["--frozen-lockfile", "--immutable"];
        let is_there = |lock: &&str| {
            model.source_beside(cmd, lock).is_some_and(|path| model.manifest_is_there(&path) == Some(true))
        };
        cmd.is_subcommand("ci")
            || cmd.is_subcommand("clean-install")
            || cmd.has_any_flag(&frozen)
            || install.manager.locks.iter().any(is_there)
    };
    let mut installs = model.installs().filter(|i| i.manager.id.is_node()).take(MAX_STEPS).peekable();
    installs.peek().is_some() && installs.all(|install| by_lock(&install))
}

/// The arguments of a fetching program that name a source over HTTP.
fn sources(cmd: &Cmd<'_>) -> Vec<(Span, bool)> {
    let args = cmd.args();
    let is_source = |(at, word): &(usize, &Word)| {
        let Some(text) = cmd.text_of(word) else { return false };
        let (option, value) = match text.split_once('=') {
            Some((name, value)) if name.starts_with('-') || !name.contains("://") => (name, value),
            _ => ("", text.as_str()),
        };
        let before = at.checked_sub(1).and_then(|i| args.get(i)).map_or("", Word::static_prefix);
        // A proxy is another matter, and a package may bring its own checksum.
        let proxy = [option, before].iter().any(|w| w.to_ascii_lowercase().contains("proxy"));
        !proxy && is_plain(value) && !value.contains("#sha256=") && !value.contains("#egg=")
    };
    args.iter().enumerate().filter(is_source).map(|(_, w)| (w.span, w.exact)).collect()
}

/// True for an address of plain HTTP in another network; not for a signature or a checksum.
fn is_plain(url: &str) -> bool {
    const CHECKS: [&str; 8] = [".asc", ".sig", ".sign", ".sha1", ".sha256", ".sha512", ".md5", ".minisig"];
    let is_http = url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"));
    is_http && !Download::is_local(url) && !is_private(&url[7..]) && !CHECKS.iter().any(|c| url.ends_with(c))
}

/// True for a host of one's own network: without a domain, of a private domain, or by address.
fn is_private(rest: &str) -> bool {
    let host = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or(host);
    let numbers: Vec<u8> = host.split('.').filter_map(|n| n.parse().ok()).collect();
    let address = numbers.len() == 4 && host.split('.').count() == 4;
    match numbers[..] {
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] if address => true,
        _ => {
            !host.contains('.')
                || [".local", ".internal", ".lan", ".localdomain", ".test", ".corp", ".home.arpa"]
                    .iter()
                    .any(|end| host.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn hosts_of_the_own_network_do_not_count() {
        for url in ["http://example.com/a", "HTTP://example.com", "http://user@8.8.8.8:80/a"] {
            assert!(is_plain(url), "{url}");
        }
        for url in [
            "https://example.com",
            "http://localhost/a",
            "http://nexus:8081/a",
            "http://10.0.0.1/a",
            "http://172.20.1.1",
            "http://mirror.corp/a",
            "http://example.com/a.asc",
            "http",
            "größe://a.b",
        ] {
            assert!(!is_plain(url), "{url}");
        }
    }
}
