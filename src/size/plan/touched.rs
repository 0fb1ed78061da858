//! Commands that write files anew, and redirections.

use std::collections::HashMap;

use crate::semantic::{Cmd, CopyUse, Touch, Touched, covers};
use crate::shell::{List, Redirect, Word};
use crate::text::Span;

use super::files::There;
use super::runs::{Run, name};
use super::written::{Written, appends, printed, printed_by_group, sized, writes_file};
use super::{Component, Estimate, Provenance};

/// Files of a base image below `/etc` are text: none is larger than its certificates.
const MAX_SETTINGS: u64 = 250_000;
/// Scripts and settings elsewhere may be longer, and are text as well.
const MAX_TEXT: u64 = 1_000_000;
/// Where the files of time zones lie.
const ZONES: &str = "/usr/share/zoneinfo/";
/// How much longer or shorter an edit in place makes a file, in percent.
const EDIT_SLACK: (u64, u64) = (20, 20);

impl<'m> Run<'_, 'm> {
    /// True for a command that writes files anew which are there already; counts what it writes.
    pub(super) fn touched(&mut self, cmd: &Cmd<'m>) -> bool {
        let Some(touched) = cmd.touched() else { return false };
        if self.files.is_lost() {
            self.unknown(cmd.head_span(), format!("files written by `{}`", name(cmd)));
            return true;
        }
        if touched.files.is_empty() {
            // xargs names them while the build runs.
            self.unknown(cmd.head_span(), format!("files rewritten by `{}`", name(cmd)));
        }
        for word in &touched.files {
            let paths = cmd.paths_of(word);
            if paths.is_empty() {
                self.unresolved(cmd, touched.how);
            }
            for path in paths {
                self.touch(cmd, &touched, &path, word.has_glob());
            }
        }
        true
    }

    /// A file whose place is not known.
    fn unresolved(&mut self, cmd: &Cmd<'m>, how: Touch) {
        // A file that the RUN itself has made is in its layer already, and so most likely is this one.
        let own = self.has_written() && !matches!(how, Touch::Copy | Touch::EditAndKeep);
        if !own {
            self.unknown(cmd.head_span(), format!("files rewritten by `{}`", name(cmd)));
        }
    }

    /// `is_pattern` is true for what a wildcard hits: all that is in a folder, or that begins like the path.
    fn touch(&mut self, cmd: &Cmd<'m>, touched: &Touched<'m>, path: &str, is_pattern: bool) {
        let step = cmd.step();
        let there = self
            .files
            .at(step, path)
            .map(|there| There { more: there.more || is_pattern && self.files.is_of_system(path), ..there });
        let fresh = self.files.is_fresh(path);
        let is_folder = !is_pattern && self.files.is_folder(path);
        let entry_only = !touched.recursive && (is_folder || is_for_folders(touched));
        let to = touched.destination.map(|word| cmd.paths_of(word));
        match touched.how {
            // Folders themselves weigh nothing.
            Touch::Mode | Touch::Owner | Touch::Inode if entry_only => {}
            Touch::Mode | Touch::Owner | Touch::Inode | Touch::Edit | Touch::Move | Touch::Link if fresh => {}
            _ => self.counted(cmd, touched, path, there),
        }
        if matches!(touched.how, Touch::Edit | Touch::EditAndKeep)
            && !fresh
            && let Some(old) = there
        {
            let estimate = Estimate::around(old.bytes, EDIT_SLACK, Provenance::Estimated, String::new());
            let (least, most) = (estimate.range.0.min(old.least), estimate.range.1.max(old.most));
            return self.files.change(path, There { least, most, ..old });
        }
        match (touched.how, to.as_deref()) {
            (Touch::Copy | Touch::Move | Touch::Link, Some([to])) => {
                self.files.follow(touched, path, to, there)
            }
            (Touch::Move, _) => self.files.remove(path),
            _ if !entry_only => self.files.write(path),
            _ => {}
        }
    }

    fn counted(&mut self, cmd: &Cmd<'m>, touched: &Touched<'m>, path: &str, there: Option<There>) {
        let what = format!("copied files, rewritten by `{}`", name(cmd));
        let span = cmd.head_span();
        let Some(there) = there else { return self.guessed(cmd, touched, path) };
        let times = if touched.how == Touch::EditAndKeep { 2 } else { 1 };
        let bytes = there.bytes.saturating_mul(times);
        let mut estimate = Estimate::measured(bytes, "build context");
        estimate.range = (there.least.saturating_mul(times), there.most.saturating_mul(times));
        if there.least < there.most {
            estimate.provenance = Provenance::Estimated;
        }
        if matches!(touched.how, Touch::Edit | Touch::EditAndKeep) {
            let source = "build context".to_owned();
            estimate = Estimate::around(bytes, EDIT_SLACK, Provenance::Estimated, source);
            estimate.range.0 = estimate.range.0.min(there.least.saturating_mul(times));
        }
        if self.changes_nothing(cmd, touched, path) {
            // Whether a store writes files whose mode and owner stay differs.
            estimate.range.0 = 0;
            estimate.provenance = Provenance::Estimated;
        }
        if bytes > 0 {
            let stays = !matches!(touched.how, Touch::Copy | Touch::EditAndKeep | Touch::Link);
            let own = |copies: Vec<&CopyUse>| copies.iter().all(|copy| self.stage.steps.contains(&copy.step));
            let is_rewritten = stays && own(self.files.copies(cmd.step(), path));
            self.components.push(Component { is_rewritten, ..Component::known(what, span, estimate) });
        }
        if there.more {
            self.unknown(span, format!("other files rewritten by `{}`", name(cmd)));
        }
    }

    /// A file that no copy brought, as far as one knows.
    fn guessed(&mut self, cmd: &Cmd<'m>, touched: &Touched<'m>, path: &str) {
        let one = !path.contains('*') && !touched.recursive;
        if touched.recursive
            && matches!(touched.how, Touch::Mode | Touch::Owner)
            && self.has_made_all_of(cmd, path)
        {
            return;
        }
        let settings = path.starts_with("/etc/") && one;
        let creates = cmd.program() == "touch" && !self.files.may_be_there(cmd.step(), path);
        if creates {
            return self.files.make(path, 0);
        }
        if settings {
            return self.settings(cmd.head_span(), Written::default());
        }
        if one || touched.how == Touch::Move && is_text(path) {
            let times = if touched.how == Touch::EditAndKeep { 2 } else { 1 };
            if path.starts_with(ZONES) {
                return self.small(
                    cmd.head_span(),
                    (3_000, 5_000),
                    "a time zone",
                    "files of time zones are small",
                );
            }
            if is_text(path) {
                let range = (3_000, times * MAX_TEXT);
                return self.small(
                    cmd.head_span(),
                    range,
                    "a text file, written again",
                    "scripts and settings are small",
                );
            }
        }
        self.unknown(cmd.head_span(), format!("files rewritten by `{}`", name(cmd)));
    }

    /// Files of which one only knows that they are small: how many bytes are likely, and the most.
    pub(super) fn small(&mut self, span: Span, (bytes, most): (u64, u64), what: &str, source: &str) {
        let source = source.to_owned();
        let estimate = Estimate { bytes, range: (0, most), provenance: Provenance::Estimated, source };
        self.components.push(Component::known(what, span, estimate));
    }

    /// A file below `/etc` that the base image may have.
    fn settings(&mut self, span: Span, written: Written) {
        let estimate = Estimate {
            bytes: written.least,
            range: (0, written.most.saturating_add(MAX_SETTINGS)),
            provenance: Provenance::Estimated,
            source: "files below /etc are small".to_owned(),
        };
        self.components.push(Component::known("a changed file of the base image", span, estimate));
    }

    /// True if mode and owner of the files are what the command makes them.
    fn changes_nothing(&self, cmd: &Cmd<'m>, touched: &Touched<'m>, path: &str) -> bool {
        let flag = match touched.how {
            Touch::Mode => "chmod",
            Touch::Owner => "chown",
            _ => return false,
        };
        let Some(wanted) = touched.to.and_then(|word| word.as_str()) else { return false };
        let copies = self.files.copies(cmd.step(), path);
        let same = |step: usize| match self.model.instruction(step).flag_value(flag) {
            Some(given) if flag == "chmod" => {
                let number = |text: &str| u32::from_str_radix(text, 8).ok();
                let executable = number(given).is_some_and(|mode| mode & 0o111 == 0o111);
                given == wanted
                    || number(wanted).is_some_and(|mode| number(given) == Some(mode))
                    || executable && matches!(wanted, "+x" | "a+x" | "u+x")
            }
            Some(given) => {
                owner(given) == owner(wanted) || owner(given).0 == owner(wanted).0 && !wanted.contains(':')
            }
            // What is copied belongs to root.
            None => {
                flag == "chown"
                    && cmd.program() == "chown"
                    && matches!(owner(wanted), ("0", None | Some("0")))
            }
        };
        // A file that came with a folder around it.
        let is_around = |copy: &&CopyUse| copy.targets().iter().any(|target| covers(target, path));
        let around = || self.model.copies_before(self.stage, cmd.step()).find(is_around);
        match copies.is_empty() {
            true => around().is_some_and(|copy| same(copy.step)),
            false => copies.iter().all(|copy| same(copy.step)),
        }
    }

    /// True for a command that gives files a length; counts it.
    pub(super) fn sized(&mut self, cmd: &Cmd<'m>) -> bool {
        if !matches!(cmd.program(), "truncate" | "fallocate") {
            return false;
        }
        let Some((bytes, words)) = sized(cmd) else {
            self.unknown(cmd.head_span(), format!("files written by `{}`", name(cmd)));
            return true;
        };
        for word in words {
            let estimate = Estimate::measured(bytes, "the command line");
            self.components.push(Component::known(
                format!("files made by `{}`", name(cmd)),
                cmd.head_span(),
                estimate,
            ));
            cmd.paths_of(word).iter().for_each(|path| self.files.make(path, bytes));
        }
        true
    }

    /// True for `tee`, whose files get what it reads; the command in front of it says what that is.
    pub(super) fn teed(&mut self, cmd: &Cmd<'m>) -> bool {
        cmd.program() == "tee"
    }

    /// What the output of a command writes, by redirection or by `tee`.
    pub(super) fn redirected(&mut self, cmd: &Cmd<'m>, before: Option<&Cmd<'m>>) {
        let redirects: Vec<&Redirect> = cmd.shell().redirects.iter().filter(|r| writes_file(r)).collect();
        let tee = cmd.program() == "tee";
        if redirects.is_empty() && !tee {
            return;
        }
        let written = printed(cmd, before, &self.asking);
        if tee {
            let adds = cmd.has_any_flag(&["-a", "--append"]);
            for word in cmd.plain_words() {
                self.output(cmd, Some(word), adds, written, false);
            }
        }
        for redirect in redirects {
            // Errors alone are few.
            let written =
                if redirect.fd == Some(2) { Some(Written { least: 0, most: 4096 }) } else { written };
            self.output(cmd, redirect.target.as_ref(), appends(redirect), written, false);
        }
    }

    /// What goes into one file, from a command or from a group of them.
    fn output(
        &mut self,
        cmd: &Cmd<'m>,
        target: Option<&Word>,
        adds: bool,
        written: Option<Written>,
        group: bool,
    ) {
        let span = target.map_or_else(|| cmd.head_span(), |word| word.span);
        if target.is_some_and(|word| word.static_prefix().starts_with("/dev/")) {
            return;
        }
        let path =
            target.map(|word| cmd.paths_of(word)).filter(|paths| paths.len() == 1).and_then(|mut p| p.pop());
        let Some(written) = written else {
            let file = target.map_or_else(String::new, |word| format!(" to `{}`", cmd.model.text(word.span)));
            let what = if group {
                "what commands write".to_owned()
            } else {
                format!("files written by `{}`", name(cmd))
            };
            self.unknown(span, format!("{what}{file}"));
            path.iter().for_each(|path| self.files.write(path));
            return;
        };
        // What a file has already is in the layer again when something is added to it.
        let old = match &path {
            Some(path) if adds && !self.files.is_fresh(path) => match self.files.at(cmd.step(), path) {
                Some(there) if !there.more => Written { least: there.least, most: there.most },
                None if path.starts_with("/etc/") || is_profile(path) => {
                    self.files.write(path);
                    return self.settings(span, written);
                }
                None if !self.files.may_be_there(cmd.step(), path) => Written::default(),
                _ => return self.appended(cmd, span, path),
            },
            None if adds && !self.has_written() => {
                return self.unknown(span, "a file that text is appended to".to_owned());
            }
            _ => Written::default(),
        };
        let sum = old.and(written);
        if let Some(path) = &path {
            let there = There { bytes: sum.most, least: sum.least, most: sum.most, more: false };
            match (adds, sum.least == sum.most) {
                (true, _) if old.most > 0 => self.files.change(path, there),
                (false, true) => self.files.make(path, sum.most),
                _ => self.files.write(path),
            }
        }
        if sum.most == 0 {
            return;
        }
        let source = "the command line".to_owned();
        let estimate = Estimate {
            bytes: old.most.saturating_add(likely(written)),
            range: (sum.least, sum.most),
            provenance: if sum.least == sum.most { Provenance::Measured } else { Provenance::Estimated },
            source,
        };
        let what = if old.most > 0 { "a copied file, with text appended" } else { "text written to a file" };
        self.components.push(Component::known(what, span, estimate));
    }

    fn appended(&mut self, cmd: &Cmd<'m>, span: Span, path: &str) {
        let file = path.rsplit('/').next().unwrap_or(path);
        self.unknown(span, format!("`{file}`, which `{}` appends to", name(cmd)));
        self.files.write(path);
    }

    /// What the output of `{ … }`, `( … )` and loops writes.
    pub(super) fn redirected_groups(&mut self, commands: &[Cmd<'m>]) {
        let Some(first) = commands.first() else { return };
        let script = first.script();
        let writing = |list: &&List| list.redirects.iter().any(writes_file);
        if !script.script.lists.iter().any(|list| writing(&list)) {
            return;
        }
        let mut by_list: HashMap<usize, Vec<&Cmd<'m>>> = HashMap::new();
        for cmd in commands {
            by_list.entry(cmd.shell().place.list).or_default().push(cmd);
        }
        for (index, list) in script.script.lists.iter().enumerate() {
            for redirect in list.redirects.iter().filter(|r| writes_file(r)) {
                let written =
                    printed_by_group(by_list.get(&index).map_or(&[], Vec::as_slice), list, &self.asking);
                // Commands are in the order of the text.
                let at = commands.partition_point(|c| c.shell().span.start < list.span.start);
                let inside = commands.get(at).filter(|c| list.span.contains(c.shell().span));
                let Some(cmd) = inside else { continue };
                if redirect.fd == Some(2) {
                    continue;
                }
                self.output(cmd, redirect.target.as_ref(), appends(redirect), written, true);
            }
        }
    }
}

/// Of what a bound is known only, little is likely.
fn likely(written: Written) -> u64 {
    if written.least == written.most { written.most } else { written.least.max(written.most.min(100)) }
}

/// True for scripts and settings, by how their names end.
fn is_text(path: &str) -> bool {
    const ENDINGS: [&str; 19] = [
        "sh",
        "bash",
        "zsh",
        "conf",
        "cfg",
        "cnf",
        "ini",
        "list",
        "rules",
        "service",
        "properties",
        "env",
        "desktop",
        "profile",
        "yml",
        "yaml",
        "toml",
        "py",
        "rb",
    ];
    let name = path.rsplit('/').next().unwrap_or("");
    name.rsplit_once('.').is_some_and(|(start, ending)| !start.is_empty() && ENDINGS.contains(&ending))
}

/// True for a mode that only folders are given: with the bit that keeps others' files, or passes on the group.
fn is_for_folders(touched: &Touched<'_>) -> bool {
    let mode = touched.to.and_then(|word| word.as_str()).unwrap_or("");
    let octal = mode.len() == 4 && mode.bytes().all(|b| (b'0'..=b'7').contains(&b));
    touched.how == Touch::Mode && (octal && matches!(mode.as_bytes()[0], b'1' | b'3') || mode == "+t")
}

/// True for what shells read in a home.
fn is_profile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("");
    [".bashrc", ".profile", ".bash_profile", ".zshrc", ".npmrc", ".gitconfig", ".curlrc", ".wgetrc"]
        .contains(&name)
}

/// User and group as numbers where they are root's.
fn owner(text: &str) -> (&str, Option<&str>) {
    let root = |name| if name == "root" { "0" } else { name };
    match text.split_once(':') {
        Some((user, group)) => (root(user), Some(root(group))),
        None => (root(text), None),
    }
}
