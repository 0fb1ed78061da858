//! Which instruction of a Dockerfile made which layer of an image.
//!
//! The history of an image has one entry per instruction, written by the builder: BuildKit, Docker's
//! classic builder, buildah and kaniko each in a form of its own. Entries of the base image come first.
//! Both lists are aligned from their ends; what does not fit is said, never guessed.

use crate::image::{HistoryStep, Image};
use crate::semantic::{Base, Model, Stage};
use crate::syntax::{CommandForm, Instruction, Keyword, Kind};

/// Larger tables are not aligned; real ones have some hundreds of cells.
const MAX_CELLS: usize = 4_000_000;

/// How sure it is that an instruction made a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It is the same kind of instruction in the right place, but its text is not known or another.
    Keyword,
    /// The text is the same.
    Text,
}

/// Who made a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blame {
    /// The base image.
    Base,
    /// All of it: the builder melted the base image and all instructions into one layer.
    Squashed,
    /// Instructions, as indices into the file's; several if a builder made one layer of them.
    Steps(Vec<usize>, Certainty),
    /// Nobody knows.
    Unknown,
}

/// The history of an image beside a Dockerfile.
#[derive(Debug, Clone)]
pub struct Attribution {
    /// One per layer of the image.
    pub layers: Vec<Blame>,
    /// Instructions that should be in the history and are not.
    pub missing: Vec<usize>,
    /// Entries of the history behind the base image that no instruction made.
    pub foreign: Vec<usize>,
    /// What is in the history, in its order.
    pub found: Vec<FoundStep>,
    /// RUN, COPY and ADD instructions, and how many of them are there word by word.
    pub checked: (usize, usize),
}

/// An instruction and the entry of the history that it wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundStep {
    /// The instruction.
    pub step: usize,
    /// The entry, as an index into [`Image::history`].
    pub entry: usize,
    /// How sure that is.
    pub certainty: Certainty,
}

impl Attribution {
    /// True unless more than half of the instructions that make layers are others in the image.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        let (all, same) = self.checked;
        2 * same >= all
    }
}

/// An instruction that leaves an entry in the history.
struct Expected {
    step: usize,
    keyword: Keyword,
    /// What the entry may say, blanks made equal.
    texts: Vec<String>,
    /// True for what may write files of its own.
    writes: bool,
}

/// An entry of the history, as far as it can be read.
struct Entry {
    keyword: Keyword,
    text: String,
}

/// Finds for each layer who made it, if `stage` was built.
#[must_use]
pub fn attribute(model: &Model, stage: &Stage, image: &Image) -> Attribution {
    let expected = expected(model, stage);
    let entries: Vec<Entry> = image.history.iter().map(entry).collect();
    let pairs = align(&expected, &entries);
    let mut attribution = Attribution {
        layers: vec![Blame::Unknown; image.layers.len()],
        missing: Vec::new(),
        foreign: Vec::new(),
        found: Vec::new(),
        checked: (0, 0),
    };
    let first = pairs.iter().position(Option::is_some);
    let mut pending: Vec<usize> = Vec::new();
    for (index, step) in image.history.iter().enumerate() {
        let pair = pairs[index].map(|e| &expected[e]);
        let Some(layer) = step.layer else {
            // Some builders make one layer of many instructions, at the last one.
            pending.extend(pair.filter(|e| e.writes).map(|e| e.step));
            continue;
        };
        let Some(blame) = attribution.layers.get_mut(layer) else { continue };
        *blame = match pair {
            Some(expected) => {
                let mut steps = std::mem::take(&mut pending);
                steps.push(expected.step);
                Blame::Steps(steps, certainty(expected, &entries[index]))
            }
            None if first.is_none_or(|first| index < first) => Blame::Base,
            None => Blame::Unknown,
        };
    }
    if image.history.iter().all(|s| s.layer.is_none()) {
        // The numbers do not agree, so no layer has a step.
        attribution.layers.fill(Blame::Unknown);
    }
    if is_squashed(model, stage, image, &pairs, !expected.is_empty()) {
        attribution.layers.fill(Blame::Squashed);
        return attribution;
    }
    let mut found = vec![None; expected.len()];
    for (index, pair) in pairs.iter().enumerate() {
        if let Some(e) = *pair {
            found[e] = Some(index);
            let certainty = certainty(&expected[e], &entries[index]);
            attribution.found.push(FoundStep { step: expected[e].step, entry: index, certainty });
        } else if first.is_some_and(|first| index > first) && !is_known_trigger(model, &entries[index]) {
            attribution.foreign.push(index);
        }
    }
    for (expected, found) in expected.iter().zip(&found) {
        if found.is_none() {
            attribution.missing.push(expected.step);
        }
        if writes(expected.keyword) {
            attribution.checked.0 += 1;
            let same = |i: usize| certainty(expected, &entries[i]) == Certainty::Text;
            attribution.checked.1 += usize::from(found.is_some_and(same));
        }
    }
    attribution
}

/// True for an image of one layer that holds its base image too: nothing of that is in the history.
fn is_squashed(
    model: &Model,
    stage: &Stage,
    image: &Image,
    pairs: &[Option<usize>],
    has_instructions: bool,
) -> bool {
    let one = image.layers.len() == 1 && image.history.iter().any(|step| step.layer.is_some());
    // `buildah commit --squash` says `/bin/sh` of all of it.
    let whole = |step: &HistoryStep| step.created_by.trim() == "/bin/sh";
    let from_start = matches!(pairs.first(), Some(Some(_)));
    let alone = image.history.len() == 1 && image.history.iter().any(whole);
    one && has_instructions
        && matches!(model.root_base(stage), Base::Image(_) | Base::Unknown)
        && (from_start || alone)
}

/// True for an ONBUILD of the Dockerfile. buildah writes them into the history, and other builders do not.
fn is_known_trigger(model: &Model, entry: &Entry) -> bool {
    entry.keyword == Keyword::Onbuild
        && model
            .file
            .instructions
            .iter()
            .any(|i| i.is_trigger() && even(i.logical.text()).ends_with(&entry.text))
}

/// True for instructions that may write files.
const fn writes(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Run | Keyword::Copy | Keyword::Add)
}

/// What a build of `stage` writes into the history, from the first stage of its lineage on.
fn expected(model: &Model, stage: &Stage) -> Vec<Expected> {
    let mut lineage: Vec<&Stage> = model.lineage(stage).collect();
    lineage.reverse();
    let mut all = Vec::new();
    for stage in lineage {
        for (step, instruction) in model.instructions_of(stage) {
            // Triggers are in the configuration, not in the history.
            if instruction.is_trigger() || matches!(instruction.keyword, Keyword::From | Keyword::Unknown) {
                continue;
            }
            let (keyword, texts) = (instruction.keyword, texts(model, step, instruction));
            all.push(Expected { step, keyword, texts, writes: writes(keyword) });
        }
    }
    all
}

/// What an entry for the instruction may say behind its keyword.
fn texts(model: &Model, step: usize, instruction: &Instruction) -> Vec<String> {
    let arguments = even(instruction.arguments_text());
    let mut texts = vec![arguments];
    match &instruction.kind {
        Kind::Run(CommandForm::Exec(exec)) => {
            texts.push(even(&exec.items.iter().map(|i| &*i.value).collect::<Vec<_>>().join(" ")));
        }
        Kind::Run(_) if !instruction.heredocs.is_empty() => {
            let bodies: Vec<&str> = instruction.heredocs.iter().map(|h| model.text(h.body)).collect();
            texts.push(even(&bodies.join("\n")));
            texts.push(even(&format!("{}\n{}", instruction.arguments_text(), bodies.join("\n"))));
        }
        Kind::Copy(transfer) | Kind::Add(transfer) => {
            let words = transfer.paths().chain(&transfer.destination);
            let values: Option<Vec<_>> =
                words.map(|w| model.value(step, w).known().map(str::to_owned)).collect();
            texts.extend(values.map(|v| even(&v.join(" "))));
        }
        Kind::Workdir(_) => {
            // BuildKit writes where it leads.
            let made = model.workdirs.iter().find(|w| w.step == step);
            texts.extend(made.and_then(|w| w.path.known()).map(even));
        }
        _ => {}
    }
    texts
}

/// The text with single blanks.
pub(super) fn even(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads an entry of any builder.
fn entry(step: &HistoryStep) -> Entry {
    let text = even(&step.created_by);
    let text = text.strip_suffix("# buildkit").map_or(&*text, str::trim_end);
    // The classic builder and buildah mark what runs nothing.
    let nop =
        text.split_once("#(nop) ").filter(|(before, _)| before.starts_with("/bin/") || before.is_empty());
    let text = nop.map_or(text, |(_, rest)| rest);
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let keyword =
        if first.bytes().all(|b| b.is_ascii_uppercase()) { Keyword::of(first) } else { Keyword::Unknown };
    match (keyword, nop) {
        (Keyword::Unknown, None) => Entry { keyword: Keyword::Run, text: text.to_owned() },
        (keyword, _) => Entry { keyword, text: rest.to_owned() },
    }
}

/// How well the entry is what the instruction would write. Both have the same keyword.
fn certainty(expected: &Expected, entry: &Entry) -> Certainty {
    let same = match expected.keyword {
        // In front of the script stand the shell and build arguments, whose values may have blanks.
        Keyword::Run => expected.texts.iter().any(|t| ends_with_words(&entry.text, t)),
        Keyword::Copy | Keyword::Add => match entry.text.rsplit_once(" in ") {
            // `file:DIGEST in /app`: only where it goes is known.
            Some((source, to)) if source.contains(':') => expected
                .texts
                .iter()
                .filter_map(|t| t.rsplit(' ').next())
                .any(|d| d.trim_matches(['/', '.', '"', ']']) == to.trim().trim_matches(['/', '.'])),
            _ => expected.texts.iter().any(|t| ends_with_words(&entry.text, t)),
        },
        _ => expected.texts.contains(&entry.text),
    };
    if same { Certainty::Text } else { Certainty::Keyword }
}

/// True if `text` ends with the words of `words`.
fn ends_with_words(text: &str, words: &str) -> bool {
    text.strip_suffix(words).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\'', '"']))
}

/// For each entry the instruction that wrote it: the alignment with the most agreement, the later of two
/// equal ones. Entries and instructions keep their order.
fn align(expected: &[Expected], entries: &[Entry]) -> Vec<Option<usize>> {
    let (rows, columns) = (entries.len(), expected.len());
    let mut pairs = vec![None; rows];
    if rows.saturating_mul(columns) > MAX_CELLS {
        return pairs;
    }
    let worth = |row: usize, column: usize| {
        let (entry, expected) = (&entries[row], &expected[column]);
        if entry.keyword != expected.keyword {
            return None;
        }
        Some(if certainty(expected, entry) == Certainty::Text { 4_u32 } else { 1 })
    };
    // best[row][column]: of the first `row` entries and the first `column` instructions.
    let width = columns + 1;
    let mut best = vec![0_u32; (rows + 1) * width];
    for row in 1..=rows {
        for column in 1..=columns {
            let skipped = best[(row - 1) * width + column].max(best[row * width + column - 1]);
            let paired = worth(row - 1, column - 1).map(|w| w + best[(row - 1) * width + column - 1]);
            best[row * width + column] = skipped.max(paired.unwrap_or(0));
        }
    }
    let (mut row, mut column) = (rows, columns);
    while row > 0 && column > 0 {
        let here = best[row * width + column];
        let paired = worth(row - 1, column - 1).map(|w| w + best[(row - 1) * width + column - 1]);
        if paired == Some(here) {
            pairs[row - 1] = Some(column - 1);
            (row, column) = (row - 1, column - 1);
        } else if best[row * width + column - 1] == here {
            column -= 1;
        } else {
            row -= 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Compression, Layer};
    use crate::syntax;
    use crate::text::Source;

    /// An image whose history is these entries; a leading `-` marks one without a layer.
    fn image(history: &[&str]) -> Image {
        let mut layers = Vec::new();
        let history = history
            .iter()
            .map(|text| {
                let layer = (!text.starts_with('-')).then(|| {
                    layers.push(Layer {
                        diff_id: String::new(),
                        compression: Compression::None,
                        stored: 0,
                        bytes: 0,
                        files: 0,
                        added: 0,
                        changed: 0,
                        deleted: 0,
                        hidden: 0,
                        step: None,
                    });
                    layers.len() - 1
                });
                let created_by = text.trim_start_matches('-').to_owned();
                HistoryStep { created_by, comment: None, layer }
            })
            .collect();
        Image {
            names: Vec::new(),
            platform: String::new(),
            created: None,
            layers,
            history,
            bytes: 0,
            files: 0,
            stored: 0,
            visible: 0,
            hidden: Vec::new(),
            duplicated: 0,
            duplicates: Vec::new(),
            largest: Vec::new(),
            watched: Vec::new(),
            tree: None,
        }
    }

    /// Who made each layer: `base`, `?`, or lines with `=` where the text agrees and `~` where not.
    fn blames(dockerfile: &str, history: &[&str]) -> Vec<String> {
        let file = syntax::parse(Source::from_text("Dockerfile", dockerfile));
        let model = Model::new(file.clone());
        let attribution = attribute(&model, model.final_stage().unwrap(), &image(history));
        let show = |blame: &Blame| match blame {
            Blame::Base => "base".to_owned(),
            Blame::Unknown => "?".to_owned(),
            Blame::Squashed => "all".to_owned(),
            Blame::Steps(steps, certainty) => {
                let lines: Vec<String> =
                    steps.iter().map(|s| model.instruction(*s).lines.0.to_string()).collect();
                let mark = if *certainty == Certainty::Text { '=' } else { '~' };
                format!("{mark}{}", lines.join("+"))
            }
        };
        attribution.layers.iter().map(show).collect()
    }

    const FILE: &str = "FROM debian:12 AS base\nARG V=1\nRUN apt-get update \\\n  # why\n  && apt-get install -y curl\n\
                        FROM golang AS build\nRUN go build\n\
                        FROM base\nENV A=1 B=2\nWORKDIR /app\nCOPY --from=build --chown=1:1 /src/app .\n\
                        RUN <<EOF\nset -e\ntrue\nEOF\nRUN [\"touch\", \"/a b\"]\nCMD [\"app\"]\n";

    #[test]
    fn buildkit() {
        let history = [
            "# debian.sh --arch 'amd64' out/ 'bookworm' '@1789689600'",
            "-ARG V=1",
            "RUN |1 V=1 /bin/sh -c apt-get update   && apt-get install -y curl # buildkit",
            "-ENV A=1 B=2",
            "WORKDIR /app",
            "COPY --chown=1:1 /src/app . # buildkit",
            "RUN |1 V=1 /bin/sh -c set -e\ntrue\n # buildkit",
            "RUN |1 V=1 touch /a b # buildkit",
            "-CMD [\"app\"]",
        ];
        assert_eq!(blames(FILE, &history), ["base", "=3", "=10", "=11", "=12", "=16"]);
    }

    #[test]
    fn the_classic_builder() {
        let history = [
            "/bin/sh -c #(nop) ADD file:4b03b5f551e3fbdf47ec609712007327828f7530cc3455c43bbcdcaf449a75a9 in / ",
            "-/bin/sh -c #(nop)  CMD [\"bash\"]",
            "-/bin/sh -c #(nop)  ARG V=1",
            "|1 V=1 /bin/sh -c apt-get update   && apt-get install -y curl",
            "-/bin/sh -c #(nop)  ENV A=1 B=2",
            "-/bin/sh -c #(nop) WORKDIR /app",
            "/bin/sh -c #(nop) COPY --chown=1:1 file:ab12 in . ",
            "/bin/sh -c set -e\ntrue",
            "touch /a b",
            "-/bin/sh -c #(nop)  CMD [\"app\"]",
        ];
        // WORKDIR makes no layer there if the folder exists.
        assert_eq!(blames(FILE, &history), ["base", "=3", "=11", "=12", "=16"]);
    }

    #[test]
    fn kaniko_writes_the_lines_themselves() {
        let history = ["base", "RUN chmod 444 x", "ADD a b", "-CMD [\"x\"]"];
        assert_eq!(blames("FROM x\nRUN chmod 444 x\nADD a b\nCMD [\"x\"]\n", &history), ["base", "=2", "=3"]);
    }

    #[test]
    fn squashed_images_are_one_row() {
        let file = "FROM debian:12\nCOPY big /big\nRUN rm /big\nCMD [\"sh\"]\n";
        let last = "/bin/sh -c #(nop) CMD [\"sh\"]";
        assert_eq!(blames(file, &[last]), ["all"]);
        assert_eq!(blames(file, &["/bin/sh"]), ["all"]);
        let listed = ["-/bin/sh -c #(nop) COPY file:1 in /big ", "-/bin/sh -c rm /big", last];
        assert_eq!(blames(file, &listed), ["all"]);
        // Only the instructions are one layer, and the base is below it; or there is no base.
        assert_eq!(
            blames(file, &["base", listed[0], listed[1], "/bin/sh -c #(nop) CMD [\"sh\"]"]).first().unwrap(),
            "base"
        );
        assert_eq!(blames("FROM scratch\nCOPY a /a\n", &["COPY a /a # buildkit"]), ["=2"]);
        assert_eq!(blames("FROM debian:12\n", &["debian.sh"]), ["base"]);
    }

    #[test]
    fn triggers_in_the_history_are_those_of_the_file() {
        let foreign = |history: &[&str]| {
            let file = "FROM x\nRUN a\nONBUILD RUN b\nRUN c\n";
            let model = Model::new(syntax::parse(Source::from_text("Dockerfile", file)));
            attribute(&model, model.final_stage().unwrap(), &image(history)).foreign
        };
        let trigger = "-/bin/sh -c #(nop) ONBUILD RUN b";
        assert_eq!(foreign(&["base", "/bin/sh -c a", trigger, "/bin/sh -c c"]), [0; 0]);
        assert_eq!(
            foreign(&["base", "/bin/sh -c a", "-/bin/sh -c #(nop) ONBUILD RUN d", "/bin/sh -c c"]),
            [2]
        );
    }

    #[test]
    fn a_builder_that_makes_one_layer_of_all() {
        let history = [
            "base",
            "-/bin/sh -c apt-get update",
            "-/bin/sh -c #(nop) COPY dir:1 in /app",
            "/bin/sh -c make",
        ];
        let file = "FROM x\nRUN apt-get update\nCOPY . /app\nRUN make\n";
        assert_eq!(blames(file, &history), ["base", "=2+3+4"]);
    }

    #[test]
    fn what_was_edited_since_is_only_in_its_place() {
        let history = ["base", "RUN /bin/sh -c make a # buildkit", "RUN /bin/sh -c make c # buildkit"];
        assert_eq!(blames("FROM x\nRUN make a\nRUN make b\n", &history), ["base", "=2", "~3"]);
    }

    #[test]
    fn what_is_missing_and_what_is_foreign() {
        let text = "FROM x\nRUN a\nRUN b\nCOPY c /\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        let image = image(&["base", "RUN /bin/sh -c a # buildkit", "LABEL x=y", "COPY c / # buildkit"]);
        let found = attribute(&model, model.final_stage().unwrap(), &image);
        assert_eq!(found.missing, [2]);
        assert_eq!(found.foreign, [2]);
        assert_eq!(found.checked, (3, 2));
        assert!(found.agrees());
        assert_eq!(found.layers[2], Blame::Unknown);
    }

    #[test]
    fn another_image() {
        let text = "FROM x\nRUN a\nRUN b\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        let image = image(&["base", "RUN /bin/sh -c c # buildkit", "RUN /bin/sh -c d # buildkit"]);
        assert!(!attribute(&model, model.final_stage().unwrap(), &image).agrees());
    }
}
