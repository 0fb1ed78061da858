//! Whether a project uses Prisma, which has needs of its own.

use super::node_needs::parsed;
use super::{Analysis, Cmd, CopyFrom, base_name};

/// Prisma in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prisma {
    /// True for an engine that is linked to OpenSSL, as all before version 7 are.
    pub needs_openssl: bool,
}

impl Analysis {
    /// Whether the program uses Prisma, by its manifest, the commands of the build, or the schema that is copied.
    #[must_use]
    pub fn prisma(&self) -> Option<Prisma> {
        let manifests = self.node_manifest_texts().filter_map(|(_, text)| parsed(text));
        let mut versions = manifests.filter_map(|manifest| {
            let version = |key: &str, name: &str| Some(manifest.get(key)?.get(name)?.as_str()?.to_owned());
            ["dependencies", "devDependencies"]
                .iter()
                .flat_map(|key| ["@prisma/client", "prisma"].map(|name| version(key, name)))
                .find_map(|version| version)
        });
        if let Some(version) = versions.next() {
            let digits: String = version
                .chars()
                .skip_while(|c| !c.is_ascii_digit())
                .take_while(char::is_ascii_digit)
                .collect();
            return Some(Prisma { needs_openssl: digits.parse::<u32>().map_or(true, |major| major < 7) });
        }
        let runners = ["npx", "npm", "yarn", "pnpm", "pnpx", "bun", "bunx"];
        let runs = |cmd: Cmd<'_>| {
            cmd.program() == "prisma"
                || runners.contains(&cmd.program()) && cmd.args().iter().any(|w| w.is("prisma"))
        };
        let is_schema = |path: &str| {
            let name = base_name(path.trim_end_matches('/'));
            name == "prisma" || name.ends_with(".prisma")
        };
        let copies = self.copies.iter().filter(|copy| copy.from == CopyFrom::Context);
        let mut sources = copies.flat_map(|copy| &copy.sources).filter_map(|source| source.value.known());
        (self.commands().any(runs) || sources.any(is_schema)).then_some(Prisma { needs_openssl: true })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::semantic::{BuildContext, Model};
    use crate::syntax::parse;
    use crate::text::Source;

    fn analysis(text: &str, files: &[(&str, &str)]) -> Analysis {
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let context = Arc::new(BuildContext { texts, ..BuildContext::default() });
        Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text)))).with_context(Some(context))
    }

    #[test]
    fn prisma_shows_in_manifests_commands_and_copies() {
        let of = |text: &str, files: &[(&str, &str)]| analysis(text, files).prisma().map(|p| p.needs_openssl);
        let manifest = |version: &str| format!(r#"{{"devDependencies": {{"prisma": "{version}"}}}}"#);
        for (version, want) in [("^5.1", true), ("7.0.0", false), ("~10", false), ("latest", true)] {
            assert_eq!(
                of("FROM node:22\n", &[("a/package.json", &manifest(version))]),
                Some(want),
                "{version}"
            );
        }
        assert_eq!(of("FROM node:22\nRUN npx prisma generate\n", &[]), Some(true));
        assert_eq!(of("FROM node:22\nCOPY prisma ./prisma/\n", &[]), Some(true));
        assert_eq!(of("FROM node:22\nRUN echo prisma\n", &[("package.json", "{}")]), None);
    }
}
