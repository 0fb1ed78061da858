//! Names of users and groups that an image does not know.

use std::collections::HashMap;

use crate::diag::Finding;
use crate::knowledge::{Action, BASE_ACCOUNTS, Family, ImageKind, TYPICAL_USERS, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Base, Builder, Cmd, CopyUse, Model, ScriptKind, Stage, facts, family, is_tar};
use crate::syntax::{ImageRef, Kind, User};

use super::lacks::Lacks;
use super::programs::image_name;

/// Users that distroless images have.
const OF_DISTROLESS: [&str; 3] = ["root", "nobody", "nonroot"];

/// How many stages a stage may start from, one after the other, before nothing is said.
const MAX_LINEAGE: usize = 50;

/// More names than that of one stage are not looked for.
const MAX_NAMES: usize = 16;

/// What is known of the accounts of the image that a stage starts from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accounts {
    /// There is no `/etc/passwd`.
    None,
    /// Those of distroless images.
    Distroless,
    /// Those of a distribution, and these.
    System(&'static [&'static str]),
    /// The same, and perhaps some of packages.
    More(&'static [&'static str]),
}

impl Accounts {
    fn of(model: &Model, stage: &Stage) -> Option<Self> {
        match model.root_base(stage) {
            Base::Scratch => Some(Self::None),
            Base::Image(_) if matches!(Lacks::of(model, stage), Some(Lacks::Everything)) => {
                Some(Self::Distroless)
            }
            Base::Image(image) => Self::of_image(image),
            _ => None,
        }
    }

    /// Services have users of their own.
    fn of_image(image: &ImageRef) -> Option<Self> {
        let facts = facts(image).filter(|f| f.user.is_none())?;
        let is_known = matches!(family(image), Family::Debian | Family::Ubuntu | Family::Alpine);
        match facts.kind? {
            ImageKind::Os if is_known => Some(Self::System(facts.users)),
            ImageKind::Runtime | ImageKind::Sdk if is_known && image.is_official() => {
                Some(Self::More(facts.users))
            }
            _ => None,
        }
    }

    /// True if nobody in the image has this name, as far as the image goes.
    fn lack(self, name: &str) -> bool {
        match self {
            Self::None => name != "root",
            Self::Distroless => !OF_DISTROLESS.contains(&name),
            Self::System(own) => !own.contains(&name) && !BASE_ACCOUNTS.contains(&name),
            Self::More(own) => !own.contains(&name) && TYPICAL_USERS.contains(&name),
        }
    }
}

/// `unknown-user`.
pub fn unknown(cx: &mut Cx<'_>) {
    let model = cx.model;
    for stage in model.stages.iter().filter(|s| s.reachable) {
        let Some(accounts) = Accounts::of(model, stage) else { continue };
        let mut makers = Makers { model, stage, known: HashMap::new() };
        for (step, instruction) in model.instructions_of(stage) {
            if instruction.is_trigger() {
                continue;
            }
            let (span, value, use_) = match &instruction.kind {
                Kind::User(Some(word)) => {
                    let Some(use_) = use_of(model, stage, step) else { continue };
                    (word.span, model.value(step, word), use_)
                }
                Kind::Copy(_) | Kind::Add(_) => {
                    let Some(flag) = instruction.flag("chown") else { continue };
                    let Some(word) = flag.word(model.file.escape) else { continue };
                    (flag.value_span, model.value(step, &word), Use::Owner)
                }
                _ => continue,
            };
            let Some(value) = value.known() else { continue };
            // Distroless images cannot make users, and COPY takes no notice there.
            if accounts == Accounts::Distroless && use_ == Use::Owner {
                continue;
            }
            let user = User::of(value);
            let missing = [("user", user.name), ("group", user.group.unwrap_or(""))]
                .into_iter()
                .find(|(_, name)| is_name(name) && accounts.lack(name) && makers.first(name) > step);
            if let Some((kind, name)) = missing {
                let finding = cx.at(span, message(cx, stage, accounts, use_, (kind, name)));
                cx.report(advise(finding, model, accounts, (makers.first(name), kind, name)));
            }
        }
    }
}

/// What a name is needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Owner,
    Run,
    Container,
}

impl Use {
    const fn effect(self, accounts: Accounts, builder: Builder) -> &'static str {
        match (self, accounts) {
            (Self::Owner, Accounts::None) | (Self::Run, _) => "the build fails",
            (Self::Owner, _) if builder.is_buildah() => "the build fails",
            (Self::Owner, _) => "BuildKit silently makes root the owner",
            (Self::Container, _) => "the container does not start",
        }
    }
}

/// What the USER of a step is needed for: the RUNs behind it, or the container.
fn use_of(model: &Model, stage: &Stage, step: usize) -> Option<Use> {
    let mut behind = (step + 1..stage.steps.end).map(|at| model.instruction(at));
    let next = behind.find(|i| !i.is_trigger() && matches!(i.kind, Kind::Run(_) | Kind::User(_)));
    match next.map(|i| &i.kind) {
        Some(Kind::Run(_)) => Some(Use::Run),
        Some(_) => None,
        None => (stage.in_final_image && model.end_state(stage).user == Some(step)).then_some(Use::Container),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name != "root"
        && name.bytes().any(|b| !b.is_ascii_digit())
        // What has blanks is none, as others say.
        && !name.contains(|c: char| c.is_whitespace() || c == '[')
}

fn message(cx: &Cx<'_>, stage: &Stage, accounts: Accounts, use_: Use, (kind, name): (&str, &str)) -> String {
    let image = image_name(cx.model, stage);
    let effect = use_.effect(accounts, cx.model.build().builder);
    match accounts {
        Accounts::None => {
            let list = if kind == "user" { "/etc/passwd" } else { "/etc/group" };
            format!("`{image}` has no `{list}` to look up `{name}` in, so {effect}")
        }
        Accounts::Distroless => {
            format!("`{image}` has no user `{name}` in its `/etc/passwd`, so {effect}")
        }
        _ => format!("`{image}` has no {kind} `{name}`, and nothing above creates one, so {effect}"),
    }
}

fn advise(
    finding: Finding,
    model: &Model,
    accounts: Accounts,
    (maker, kind, name): (usize, &str, &str),
) -> Finding {
    let help = match accounts {
        Accounts::None => {
            "write a number, such as `65532`, or copy an `/etc/passwd` from the stage that makes the user"
        }
        Accounts::Distroless => "write `nonroot`, which exists, or a numeric ID",
        _ => {
            let later = model.file.instructions.get(maker);
            if let Some(later) = later.filter(|later| mentions(model.text(later.span), name)) {
                let help = format!("move the RUN that makes the {kind} above this line");
                return finding.label(later.keyword_span, "perhaps made here").help(help);
            }
            return finding.help(format!("make the {kind} in a RUN above this line, or write a number"));
        }
    };
    finding.help(help)
}

/// The steps of a stage that may first bring or make an account, by its name.
struct Makers<'m> {
    model: &'m Model,
    stage: &'m Stage,
    known: HashMap<String, usize>,
}

impl Makers<'_> {
    /// The step; one behind all if nothing does.
    fn first(&mut self, name: &str) -> usize {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let first = if self.known.len() < MAX_NAMES { self.look(name) } else { 0 };
        self.known.insert(name.to_owned(), first);
        first
    }

    fn look(&self, name: &str) -> usize {
        let (model, stage) = (self.model, self.stage);
        let makes = |at: &usize| {
            let copies = model.copies.partition_point(|c| c.step < *at);
            let mut copies = model.copies[copies..].iter().take_while(|c| c.step == *at);
            copies.any(|copy| !copy.mount && brings_list(copy)) || run_makes(model, *at, name)
        };
        let mut above = model.lineage(stage).skip(1);
        if above.by_ref().take(MAX_LINEAGE).any(|s| s.steps.clone().any(|at| makes(&at)))
            || above.next().is_some()
        {
            return 0;
        }
        stage.steps.clone().find(makes).unwrap_or(usize::MAX)
    }
}

/// True if a RUN may make an account of that name.
fn run_makes(model: &Model, step: usize, name: &str) -> bool {
    let instruction = model.instruction(step);
    matches!(instruction.kind, Kind::Run(_))
        && (mentions(model.text(instruction.span), name)
            || is_unclear(model, step)
            || model.commands_of(step).any(|cmd| may_make(&cmd, name)))
}

/// True if a script of the step cannot be read.
fn is_unclear(model: &Model, step: usize) -> bool {
    let first = model.scripts.partition_point(|s| s.step < step);
    let mut scripts = model.scripts[first..].iter().take_while(|s| s.step == step);
    scripts.any(|s| s.script.opaque || s.script.approximate)
}

/// True if `name` stands in the text as a word of its own.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, found)| !text[..at].ends_with(is_part) && !text[at + found.len()..].starts_with(is_part))
}

/// True if a command may make an account whose name it does not say.
fn may_make(cmd: &Cmd<'_>, name: &str) -> bool {
    if cmd.script().kind != ScriptKind::Run {
        return false;
    }
    let program = cmd.program();
    let is_typical = TYPICAL_USERS.contains(&name);
    if matches!(
        program,
        "useradd" | "adduser" | "groupadd" | "addgroup" | "usermod" | "groupmod" | "newusers"
    ) {
        return cmd.args().iter().any(|word| word.has_expansion()) || program == "newusers";
    }
    if let Some(manager) = cmd.usage.manager {
        let brings_packages = manager.system && cmd.usage.action == Action::Install;
        return brings_packages && !is_typical;
    }
    let unknown = cmd.runs_script()
        || program_is(program, Trait::Shell)
        || program.contains(['/', '$'])
        || matches!(
            program,
            "." | "source" | "eval" | "make" | "dpkg" | "rpm" | "ansible-playbook" | "chroot"
        );
    let is_harmless =
        program_is(program, Trait::WritesNothing) || program_is(program, Trait::InstallsNothing);
    unknown || !is_typical && !is_harmless
}

/// True if a copy may bring a list of users.
fn brings_list(copy: &CopyUse) -> bool {
    let Some(to) = copy.destination.known().map(|to| to.trim_end_matches('/')) else { return true };
    let named = copy.sources.iter().any(|source| {
        source.value.known().is_none_or(|path| path.contains("passwd") || path.trim_matches('/') == "etc")
    });
    // A file that is named in the root is no folder of others.
    let whole = || {
        copy.sources.iter().any(|source| {
            source.value.known().is_none_or(|path| {
                let name = path.trim_matches('/');
                path.ends_with('/')
                    || path.contains(['*', '?', '['])
                    || is_tar(path)
                    || matches!(name, "." | "")
                    || !name.contains('/') && !name.contains('.')
            })
        })
    };
    named || to.ends_with("/passwd") || to == "/etc" || to.is_empty() && whole()
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        assert!(mentions("RUN useradd -m app", "app"));
        assert!(mentions("RUN chown app:app /a", "app"));
        assert!(!mentions("RUN pip install flask-apps /apple", "app"));
        assert!(!mentions("RUN apt-get install nodejs", "node"));
    }
}
