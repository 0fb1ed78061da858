//! What curl and wget fetch, and where they put it.

use crate::shell::{RedirectKind, Word};

use super::arguments::{Arguments, Grammar, OptionArgument};
use super::{Cmd, Model};

/// A command that fetches something by its URL.
#[derive(Debug)]
pub struct Download<'m> {
    /// The command.
    pub cmd: Cmd<'m>,
    /// Its arguments.
    pub arguments: Arguments<'m>,
    /// What it fetches, as written: URLs, or variables that hold them.
    pub urls: Vec<&'m Word>,
    /// Where it goes.
    pub destination: Destination<'m>,
}

/// Where a download goes.
#[derive(Debug, Clone, Copy)]
pub enum Destination<'m> {
    /// Standard output: a pipe, a substitution, or the log.
    Output,
    /// This file.
    File(OptionArgument<'m>),
    /// A file that is called as in the URL.
    Named,
    /// Nowhere: only the answer counts.
    Nowhere,
}

/// curl(1) 8.11.
const CURL: Grammar = Grammar {
    short: "AbcCdDeEFHhKmoPQrtTuUwxXyYz",
    long: &[
        "abstract-unix-socket",
        "alt-svc",
        "aws-sigv4",
        "cacert",
        "capath",
        "cert",
        "cert-type",
        "ciphers",
        "config",
        "connect-timeout",
        "connect-to",
        "continue-at",
        "cookie",
        "cookie-jar",
        "create-file-mode",
        "crlfile",
        "curves",
        "data",
        "data-ascii",
        "data-binary",
        "data-raw",
        "data-urlencode",
        "dns-interface",
        "dns-ipv4-addr",
        "dns-servers",
        "doh-url",
        "dump-header",
        "engine",
        "etag-compare",
        "etag-save",
        "expect100-timeout",
        "form",
        "form-string",
        "happy-eyeballs-timeout-ms",
        "header",
        "hostpubmd5",
        "hostpubsha256",
        "interface",
        "json",
        "keepalive-time",
        "key",
        "key-type",
        "limit-rate",
        "local-port",
        "max-filesize",
        "max-redirs",
        "max-time",
        "netrc-file",
        "noproxy",
        "oauth2-bearer",
        "output",
        "output-dir",
        "parallel-max",
        "pass",
        "pinnedpubkey",
        "proto",
        "proto-default",
        "proto-redir",
        "proxy",
        "proxy-cacert",
        "proxy-header",
        "proxy-user",
        "preproxy",
        "quote",
        "range",
        "rate",
        "referer",
        "request",
        "request-target",
        "resolve",
        "retry",
        "retry-delay",
        "retry-max-time",
        "socks5",
        "socks5-hostname",
        "speed-limit",
        "speed-time",
        "stderr",
        "time-cond",
        "tls-max",
        "tls13-ciphers",
        "trace",
        "trace-ascii",
        "unix-socket",
        "upload-file",
        "url",
        "url-query",
        "user",
        "user-agent",
        "write-out",
    ],
};

/// wget(1) 1.25. Its two-letter options (`-nv`, `-nc`) read as `-n` with a value.
const WGET: Grammar = Grammar {
    short: "aABDeiIlnoOPQRStTUwX",
    long: &[
        "accept",
        "append-output",
        "base",
        "bind-address",
        "body-data",
        "body-file",
        "ca-certificate",
        "ca-directory",
        "certificate",
        "ciphers",
        "compression",
        "connect-timeout",
        "cut-dirs",
        "directory-prefix",
        "dns-timeout",
        "domains",
        "execute",
        "exclude-directories",
        "header",
        "http-password",
        "http-user",
        "include-directories",
        "input-file",
        "level",
        "limit-rate",
        "load-cookies",
        "method",
        "output-document",
        "output-file",
        "password",
        "post-data",
        "post-file",
        "private-key",
        "progress",
        "proxy-password",
        "proxy-user",
        "quota",
        "read-timeout",
        "referer",
        "reject",
        "restrict-file-names",
        "retry-on-http-error",
        "save-cookies",
        "secure-protocol",
        "timeout",
        "tries",
        "user",
        "user-agent",
        "wait",
        "waitretry",
    ],
};

impl Model {
    /// The commands that fetch something: those of curl, then those of wget.
    pub fn downloads(&self) -> impl Iterator<Item = Download<'_>> {
        let of = |program| self.commands_named(program).filter_map(|cmd| cmd.download());
        of("curl").chain(of("wget"))
    }
}

impl<'m> Cmd<'m> {
    /// What it fetches, if it is curl or wget and fetches anything.
    #[must_use]
    pub fn download(self) -> Option<Download<'m>> {
        let is_curl = self.program() == "curl";
        if !is_curl && self.program() != "wget" {
            return None;
        }
        let arguments = self.arguments(if is_curl { &CURL } else { &WGET });
        let mut urls = arguments.operands.clone();
        if is_curl {
            let by_option = arguments.options.iter().filter(|o| o.is("--url"));
            urls.extend(by_option.filter_map(|o| Some(o.value?.word())));
        }
        let by_file = arguments.has(&["-K", "--config", "-i", "--input-file"]);
        if urls.is_empty() && (is_curl || !by_file) {
            return None;
        }
        let destination = if is_curl { curl_destination(&arguments) } else { wget_destination(&arguments) };
        let destination = match destination {
            Destination::Output => self.redirected().unwrap_or(Destination::Output),
            other => other,
        };
        Some(Download { cmd: self, arguments, urls, destination })
    }

    /// True if it compares a checksum or a signature.
    #[must_use]
    pub fn verifies(&self) -> bool {
        let first = self.args().first();
        let has_word = |words: &[&str]| self.args().iter().any(|w| words.iter().any(|word| w.is(word)));
        match self.program() {
            "shasum" | "gpgv" | "minisign" | "signify" | "sq" => true,
            "gpg" | "gpg2" => has_word(&["--verify", "--verify-files"]),
            "openssl" => first.is_some_and(|w| matches!(w.as_str(), Some("dgst" | "sha256" | "sha512"))),
            "cosign" | "slsa-verifier" => first.is_some_and(|w| w.static_prefix().starts_with("verify")),
            "rpm" => has_word(&["-K", "--checksig"]),
            program => program.ends_with("sum"),
        }
    }

    /// The file that standard output goes to.
    fn redirected(&self) -> Option<Destination<'m>> {
        use RedirectKind::{Append, AppendBoth, Write, WriteBoth};
        let to_file = |kind| matches!(kind, Write | Append | WriteBoth | AppendBoth);
        let redirects = &self.shell().redirects;
        let last = redirects.iter().rev().find(|r| matches!(r.fd, None | Some(1)) && to_file(r.kind))?;
        Some(to(OptionArgument::of(last.target.as_ref()?)))
    }
}

/// A file by its name.
fn to(file: OptionArgument<'_>) -> Destination<'_> {
    match file.as_str() {
        Some("-" | "/dev/stdout") => Destination::Output,
        Some("/dev/null") => Destination::Nowhere,
        _ => Destination::File(file),
    }
}

fn curl_destination<'m>(arguments: &Arguments<'m>) -> Destination<'m> {
    if arguments.has(&["-I", "--head"]) {
        return Destination::Nowhere;
    }
    match arguments.option(&["-o", "--output"]).and_then(|o| o.value) {
        Some(file) => to(file),
        None if arguments.has(&["-O", "--remote-name", "--remote-name-all"]) => Destination::Named,
        None => Destination::Output,
    }
}

fn wget_destination<'m>(arguments: &Arguments<'m>) -> Destination<'m> {
    if arguments.has(&["--spider"]) {
        return Destination::Nowhere;
    }
    let file = arguments.option(&["-O", "--output-document"]).and_then(|o| o.value);
    file.map_or(Destination::Named, to)
}

impl<'m> Download<'m> {
    /// True if it fetches with curl.
    #[must_use]
    pub fn is_curl(&self) -> bool {
        self.cmd.program() == "curl"
    }

    /// True if it sends something (POST, PUT and the like) and the answer is not what counts.
    #[must_use]
    pub fn sends(&self) -> bool {
        let data =
            ["-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-F", "--form"];
        let curl = ["-T", "--upload-file", "-X", "--request"];
        let wget = ["--post-data", "--post-file", "--method", "--body-data", "--body-file"];
        let arguments = &self.arguments;
        let get = |o: &super::ProgramOption<'_>| o.value.and_then(|v| v.as_str()) == Some("GET");
        if !self.is_curl() {
            return arguments.has(&wget);
        }
        arguments.has(&data) && !arguments.has(&["-G", "--get"])
            || arguments.option(&curl).is_some_and(|o| !get(o))
    }

    /// True if a variable may hold options; the only operand is a URL.
    #[must_use]
    pub fn has_unknown_options(&self) -> bool {
        let is_url = |w: &Word| {
            w.variables().any(|name| {
                let name = name.to_ascii_lowercase();
                name.contains("url") || name.contains("uri") || name.contains("link")
            })
        };
        let unknown = |w: &Word| !w.is_quoted() && self.cmd.may_be_options(w) && !is_url(w);
        self.arguments.operands.len() > 1 && self.arguments.operands.iter().any(|w| unknown(w))
    }

    /// True if the URL leads to this very machine.
    #[must_use]
    pub fn is_local(url: &str) -> bool {
        if url.starts_with("file:") {
            return true;
        }
        let host = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = host.split(['/', '?']).next().unwrap_or(host);
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        host == "localhost"
            || host.starts_with("localhost:")
            || host.starts_with("127.")
            || host.starts_with("[::1]")
            || host == "0.0.0.0"
            || host.starts_with("0.0.0.0:")
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse;
    use crate::text::Source;

    use super::*;

    fn shown(line: &str) -> String {
        let file = parse(Source::from_text("Dockerfile", format!("FROM a\nRUN {line}\n")));
        let model = Model::new(file.clone());
        let Some(found) = model.downloads().next() else { return "-".to_owned() };
        let urls: Vec<&str> = found.urls.iter().map(|w| model.text(w.span)).collect();
        let destination = match found.destination {
            Destination::File(file) => format!("file {}", model.text(file.span())),
            other => format!("{other:?}"),
        };
        format!("{} > {destination}{}", urls.join(" "), if found.sends() { " sends" } else { "" })
    }

    #[test]
    fn downloads_have_urls_and_a_destination() {
        for (line, want) in [
            ("curl -fsSL https://a.b/c", "https://a.b/c > Output"),
            ("curl -sSLo /x -H 'A: b' \"$URL\"", "\"$URL\" > file /x"),
            ("curl -O --url a.b/c --retry 3 d", "d a.b/c > Named"),
            ("curl a.b > /dev/null", "a.b > Nowhere"),
            ("curl -X POST -d '{}' a.b", "a.b > Output sends"),
            ("curl -Gd a=b -X GET a.b -o -", "a.b > Output"),
            ("curl -I a.b", "a.b > Nowhere"),
            ("curl --version", "-"),
            ("wget -qO- a.b | tar x", "a.b > Output"),
            ("wget -nv -P /tmp a.b", "a.b > Named"),
            ("wget -q a.b -O /tmp/x", "a.b > file /tmp/x"),
            ("wget --output-document=- a.b >> f", "a.b > file f"),
            ("curl -o- a.b", "a.b > Output"),
            ("curl -so/x a.b", "a.b > file /x"),
            ("wget --spider a.b", "a.b > Nowhere"),
            ("wget -i list", " > Named"),
            ("wget --help", "-"),
        ] {
            assert_eq!(shown(line), want, "{line}");
        }
    }

    #[test]
    fn local_addresses_are_known() {
        for url in ["file:///a", "http://localhost:80/x", "localhost", "http://127.0.0.1", "http://[::1]:1/"]
        {
            assert!(Download::is_local(url), "{url}");
        }
        for url in ["http://a.b/localhost", "http://localhost.example.com", "https://1.127.0.1"] {
            assert!(!Download::is_local(url), "{url}");
        }
    }
}
