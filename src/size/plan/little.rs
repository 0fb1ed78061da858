//! Commands that write nothing, or a little that is known.

use crate::semantic::{Base, Cmd, LASTLOG_ENTRY};

use super::runs::Run;
use super::{Component, Estimate, Provenance};

/// Programs that write little: what is likely, and the most.
const LITTLE: [(&str, u64, u64); 3] = [
    ("debconf-set-selections", 100_000, 1_000_000),
    ("update-ca-certificates", 220_000, 700_000),
    ("update-locale", 100, 4_096),
];
/// A locale in the archive of glibc: that of C is the smallest. Up to this many are taken to be meant where the
/// command does not name them.
const LOCALE: (u64, u64) = (3_000_000, 3_600_000);
const LOCALES_UNNAMED: u64 = 3;
/// Keys, and rings of them.
const KEYS: (u64, u64) = (4_000, 100_000);
/// Where figures of a few kilobytes come from.
const MEASURED: &str = "measured, 2026-11";

impl<'m> Run<'_, 'm> {
    /// True for a command that writes a little that is known; counts it.
    pub(super) fn little(&mut self, cmd: &Cmd<'m>) -> bool {
        if let Some((_, bytes, most)) = LITTLE.iter().find(|(name, ..)| *name == cmd.program()) {
            self.rewritten(cmd, *bytes, *most);
            return true;
        }
        match cmd.program() {
            "install" if cmd.has_any_flag(&["-d", "--directory"]) => self.folders(cmd),
            "mkdir" => self.folders(cmd),
            "useradd" | "adduser" => self.home(cmd),
            "locale-gen" | "localedef" => return self.locales(cmd),
            "curl" | "wget" => return goes_to_stdout(cmd),
            "gpg" | "gpg2" | "openssl" | "ssh-keygen" if makes_keys(cmd) => {
                let (likely, most) = KEYS;
                self.small(cmd.head_span(), (likely, most), "keys and certificates", "such files are small");
            }
            _ => return false,
        }
        true
    }

    fn rewritten(&mut self, cmd: &Cmd<'m>, bytes: u64, most: u64) {
        let what = format!("files rewritten by `{}`", cmd.program());
        self.small(cmd.head_span(), (bytes, most), &what, MEASURED);
    }

    fn folders(&mut self, cmd: &Cmd<'m>) {
        let values: &[&str] = match cmd.program() {
            "install" => &["-m", "--mode", "-o", "--owner", "-g", "--group"],
            _ => &["-m", "--mode"],
        };
        let mut made: Vec<String> = Vec::new();
        let mut args = cmd.args().iter();
        while let Some(word) = args.next() {
            match word.static_prefix() {
                option if values.contains(&option) => {
                    args.next();
                }
                option if option.starts_with('-') => {}
                _ => made.extend(cmd.paths_of(word)),
            }
        }
        // Others may have put something into a folder that is there already.
        let new = |path: &String| self.files.at(cmd.step(), path).is_none();
        let new: Vec<&String> = made.iter().filter(|path| new(path)).collect();
        new.into_iter().for_each(|path| self.files.write(path));
    }

    /// The home of a new user, which has three small files if it is made at all.
    fn home(&mut self, cmd: &Cmd<'m>) {
        if let Some(filled) = cmd.fills_lastlog() {
            let source = format!("{LASTLOG_ENTRY} bytes for each user number");
            let (bytes, provenance) = (filled.bytes, Provenance::Estimated);
            let estimate = Estimate { bytes, range: (bytes, bytes), provenance, source };
            let what = "zeros in `/var/log/lastlog`";
            self.components.push(Component::known(what, cmd.head_span(), estimate).within(Some("/var/log")));
        }
        let args = cmd.args();
        let option = ["-d", "--home", "--home-dir", "-h"];
        let at = args.iter().position(|w| option.contains(&w.static_prefix()));
        let said = at.and_then(|at| args.get(at + 1)).and_then(|word| word.as_str()).map(str::to_owned);
        let name = || args.iter().rev().find_map(|w| w.as_str().filter(|t| !t.starts_with('-')));
        let makes = cmd.program() == "adduser" || cmd.has_any_flag(&["-m", "--create-home"]);
        let home = said.or_else(|| name().filter(|_| makes).map(|name| format!("/home/{name}")));
        if let Some(home) = home.filter(|home| self.files.at(cmd.step(), home).is_none())
            && !self.files.may_be_there(cmd.step(), &home)
        {
            self.files.write(&home);
        }
    }

    /// What locales take: those that the command names, or a few of those that the same RUN writes into its list.
    fn locales(&mut self, cmd: &Cmd<'m>) -> bool {
        let words = || cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-'));
        let count = match cmd.program() {
            "localedef" => u64::from(cmd.has_any_flag(&["-i", "--inputfile"])),
            _ => u64::try_from(words().count()).unwrap_or(u64::MAX),
        };
        let count = match (count, words().any(|w| w.has_expansion() && !w.is_quoted())) {
            (_, true) => return false,
            // All that the base image lists would be hundreds.
            (0, _) if !self.lists_locales => return false,
            (0, _) => LOCALES_UNNAMED,
            (count, _) => count,
        };
        let (likely, most) = LOCALE;
        let likely = if count == LOCALES_UNNAMED { likely } else { likely.saturating_mul(count) };
        self.rewritten(cmd, likely, most.saturating_mul(count));
        true
    }

    /// True if nothing but what this RUN has made is at or below a folder, as far as one can know.
    pub(super) fn has_made_all_of(&self, cmd: &Cmd<'m>, folder: &str) -> bool {
        // What other base images have is not known.
        let plain = matches!(self.model.root_base(self.stage), Base::Image(image)
            if image.is_official() && matches!(image.familiar_path(), "alpine" | "debian" | "ubuntu"));
        plain && self.files.has_fresh_below(folder) && !self.files.may_be_there(cmd.step(), folder)
    }
}

/// True for a command that writes a key or a certificate into a file.
fn makes_keys(cmd: &Cmd<'_>) -> bool {
    let does = |words: &[&str]| cmd.args().first().is_some_and(|word| words.iter().any(|name| word.is(name)));
    match cmd.program() {
        "openssl" => !does(&["enc", "rand", "dgst"]) && cmd.has_any_flag(&["-out", "-keyout"]),
        "ssh-keygen" => cmd.has_any_flag(&["-A", "-t"]),
        _ => cmd.has_any_flag(&["-o", "--output"]) && !cmd.has_any_flag(&["-d", "--decrypt"]),
    }
}

/// True for a download that the command prints.
fn goes_to_stdout(cmd: &Cmd<'_>) -> bool {
    let args = cmd.args();
    match cmd.program() {
        "curl" => {
            let files = [
                "-o",
                "--output",
                "-O",
                "--remote-name",
                "--remote-name-all",
                "-D",
                "--dump-header",
                "-c",
                "--cookie-jar",
                "-K",
                "--config",
                "--trace",
                "--trace-ascii",
                "--output-dir",
                "-J",
                "--remote-header-name",
                "--stderr",
            ];
            // A variable may hold any option.
            !cmd.has_any_flag(&files) && !args.iter().any(|w| cmd.may_be_options(w))
        }
        _ => {
            let text = |at: usize| args.get(at).and_then(|w| w.as_str());
            let stdout = |(at, word): (usize, &crate::shell::Word)| match word.as_str() {
                Some("-O-" | "-qO-" | "--output-document=-") => true,
                Some(option) if option.starts_with('-') && !option.starts_with("--") => {
                    option.ends_with("O-") || option.ends_with('O') && text(at + 1) == Some("-")
                }
                Some("--output-document") => text(at + 1) == Some("-"),
                _ => false,
            };
            args.iter().enumerate().any(stdout) && !cmd.has_any_flag(&["-o", "-a", "-P"])
                || cmd.has_flag("--spider")
        }
    }
}
