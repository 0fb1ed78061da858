//! The packages that a command installs, by their names.

use crate::knowledge::{Action, Manager, Style};
use crate::shell::Word;

use super::Cmd;
use super::pin::{UNKNOWN, is_node_git};

/// A package that is installed.
#[derive(Debug, Clone)]
pub struct Package<'m> {
    /// The word that names it.
    pub word: &'m Word,
    /// Its name without version, architecture and extras.
    pub name: String,
}

impl<'m> Cmd<'m> {
    /// The packages that it installs, by what it says. Files, addresses, and what a variable hides are left
    /// out.
    #[must_use]
    pub fn packages(&self) -> Vec<Package<'m>> {
        let Some(manager) = self.usage.manager else { return Vec::new() };
        let adds = manager.pins.as_ref().is_some_and(|p| p.commands.iter().any(|c| self.is_subcommand(c)));
        if self.usage.action != Action::Install && !adds {
            return Vec::new();
        }
        let mut found = Vec::new();
        for word in self.operands() {
            let text = self.spelled(word);
            let whole = !word.has_expansion() || word.is_quoted();
            let pieces = if whole { vec![&*text] } else { text.split_ascii_whitespace().collect() };
            let names = pieces.into_iter().filter_map(|piece| manager.package_name(piece));
            found.extend(names.map(|name| Package { word, name }));
        }
        found
    }
}

impl Manager {
    /// True if it installs the same kind of packages: pip and uv, npm and yarn, dnf and yum.
    #[must_use]
    pub fn has_packages_of(&self, other: &Self) -> bool {
        let style = |m: &Self| m.pins.as_ref().map(|p| p.style);
        let shared = matches!(style(self), Some(Style::Rpm | Style::Python | Style::Node));
        self.id == other.id || shared && style(self) == style(other)
    }

    /// A name as those compare it who keep the packages: pip takes `PyYAML` and `py_yaml` alike.
    #[must_use]
    pub fn comparable(&self, name: &str) -> String {
        match self.pins.as_ref().map(|p| p.style) {
            Some(Style::Python) => name.to_ascii_lowercase().replace(['_', '.'], "-"),
            _ => name.to_owned(),
        }
    }

    /// The name in a word such as `curl=8.5.0`.
    fn package_name(&self, text: &str) -> Option<String> {
        let style = self.pins.as_ref().map_or(Style::Marked, |p| p.style);
        // Nearly all names are just that.
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        if style == Style::Marked
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(plain)
        {
            return Some(text.to_owned());
        }
        let is_file = text.starts_with(['.', '/', '~', '!', '@']) && style != Style::Node
            || text.contains("://")
            || text.starts_with("./");
        if is_file || text.is_empty() {
            return None;
        }
        let until = |marks: &[char]| text.split(marks).next().unwrap_or(text);
        let name = match style {
            // `curl/bookworm` and `libc6:i386` of apt, `channel::name` of conda.
            Style::Marked => match text.rsplit_once("::") {
                Some((_, name)) => name.split(['=', '<', '>']).next().unwrap_or(name),
                None => until(&['=', '<', '>', '~', '@', ':', '/', ' ']),
            },
            Style::Rpm => rpm(until(&['=', '<', '>', ' '])),
            Style::Python => until(&['=', '<', '>', '~', '!', '^', '@', '[', ';', ' ']),
            Style::Node if is_node_git(text) || text.starts_with(['.', '/', '~']) => return None,
            Style::Node | Style::Go => match text.get(1..).and_then(|t| t.find('@')) {
                Some(at) => &text[..=at],
                None => text,
            },
            Style::Composer => until(&[':', '=', ' ']),
        };
        (!name.is_empty() && !name.contains(UNKNOWN)).then(|| self.comparable(name))
    }
}

/// `curl` of `curl-8.5.0-1.el9.x86_64`, `java-11-openjdk` of itself: version and release come last.
fn rpm(text: &str) -> &str {
    let without_arch = |text| match str::rsplit_once(text, '.') {
        Some((rest, "x86_64" | "noarch" | "aarch64" | "i686" | "i386" | "ppc64le" | "s390x")) => rest,
        _ => text,
    };
    let mut name = without_arch(text);
    for _ in 0..2 {
        match name.rsplit_once('-') {
            Some((rest, last)) if !rest.is_empty() && last.starts_with(|c: char| c.is_ascii_digit()) => {
                name = rest
            }
            _ => break,
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn packages_have_names() {
        for (command, want) in [
            ("apt-get install -y -t bookworm curl=8.5.* libc6:i386 ./a.deb git/stable", "curl libc6 git"),
            ("apt-get update", ""),
            ("apk add --no-cache -t .deps curl~8 'gcc>13' .x", "curl gcc"),
            ("dnf install -y python3-pip-23.1 curl.x86_64 https://a/b.rpm @web", "python3-pip curl"),
            ("yum install -y java-11-openjdk httpd-2.4.57-5.el9.x86_64", "java-11-openjdk httpd"),
            ("pip install 'Flask[async]>=3' py_yaml==6 git+https://a/b -r req.txt ./x", "flask py-yaml"),
            ("uv pip install ruff@latest", "ruff"),
            ("npm install -g @a/b@1 left-pad@latest user/repo", "@a/b left-pad"),
            ("go install example.com/a/b@v1", "example.com/a/b"),
            ("composer require a/b:^1", "a/b"),
            ("conda install -y conda-forge::numpy=1.2 scipy", "numpy scipy"),
            ("cargo install ripgrep@14", "ripgrep"),
            ("P='telnet nmap' && apt-get install -y $P $(list) x$(list)", "telnet nmap"),
            ("P='telnet \\\n    nmap' \\\n && apt-get install -y $P", "telnet nmap"),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("FROM a\nRUN {command}\n")));
            let model = Model::new(file.clone());
            let names: Vec<String> =
                model.run_commands().flat_map(|c| c.packages()).map(|p| p.name).collect();
            assert_eq!(names.join(" "), want, "{command}");
        }
    }
}
