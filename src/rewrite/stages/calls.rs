//! What the sources of a project call that a small image may lack.

use crate::semantic::is_named_for_tests;

use super::Case;

/// The most bytes of sources that are read; of more nobody knows what they call.
const MAX_BYTES: usize = 4 << 20;

/// The endings of sources in JavaScript and TypeScript.
pub(super) const OF_NODE: &[&str] = &[".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx"];

/// Images of languages, with the endings of their sources and the words by which those start other programs, or take
/// libraries that only the full image has.
const CALLS: [(&str, &[&str], &[&str]); 3] = [
    (
        "python",
        &[".py"],
        &[
            "subprocess",
            "os.system(",
            "os.popen(",
            "pexpect",
            "import git\n",
            "from git ",
            "weasyprint",
            "cairosvg",
            "pdf2image",
            "pytesseract",
        ],
    ),
    ("node", OF_NODE, &["child_process", "execa", "simple-git", "shelljs"]),
    ("ruby", &[".rb"], &["Open3", "IO.popen", "system(", "MiniMagick", "mini_magick", "rmagick"]),
];

impl Case<'_> {
    /// True if the sources start programs that the full image may have and a smaller one has not.
    pub(super) fn calls_programs(&self) -> bool {
        let own = CALLS.iter().find(|(image, ..)| self.image.repository() == *image);
        own.is_some_and(|(_, ends, words)| self.sources_say(ends, words))
            || self.model.prisma().is_some_and(|prisma| prisma.needs_openssl)
    }

    /// True if a source with one of the endings has one of the words in it, tests left out, or if they are too many to
    /// tell.
    pub(super) fn sources_say(&self, ends: &[&str], words: &[&str]) -> bool {
        let is_source = |path: &&String| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let is_for_tests =
                path.split('/').any(is_named_for_tests) || name.contains(".test.") || name.contains(".spec.");
            ends.iter().any(|end| path.ends_with(end)) && !is_for_tests && !name.contains(".config.")
        };
        let mut bytes = 0;
        self.project.files.unwrap_or_default().iter().filter(is_source).any(|path| {
            let Some(text) = (self.project.read)(path) else { return false };
            bytes += text.len();
            bytes > MAX_BYTES || words.iter().any(|word| text.contains(word))
        })
    }
}
