//! Accounts that are made a second time.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::knowledge::{ALPINE_GROUPS, ALPINE_USERS, DEBIAN_GROUPS, DEBIAN_USERS, Family, ImageKind};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Grammar, Model, PerStage, ProgramOption, RunsAs, Stage, facts, is_rebuilt};
use crate::syntax::{ImageRef, Kind};
use crate::text::Span;

use super::programs::image_name;
use crate::semantic::USERADD;

/// groupadd(8), shadow 4.17.
const GROUPADD: Grammar =
    Grammar { short: "gKpRPU", long: &["gid", "key", "password", "root", "prefix", "users"] };

/// adduser(8) and addgroup(8) of Debian, and of busybox.
const DEBIAN_ADD: Grammar = Grammar {
    short: "",
    long: &[
        "add-extra-groups",
        "comment",
        "conf",
        "firstgid",
        "firstuid",
        "gecos",
        "gid",
        "home",
        "ingroup",
        "lastgid",
        "lastuid",
        "shell",
        "uid",
    ],
};
const BUSYBOX_ADD: Grammar =
    Grammar { short: "hgsGuk", long: &["gecos", "gid", "home", "ingroup", "shell", "skel", "uid"] };

/// Words in a build that take accounts away, or ask for them before.
const TAKEN_AWAY: [&str; 12] = [
    "userdel",
    "deluser",
    "groupdel",
    "delgroup",
    "usermod",
    "groupmod",
    "getent",
    "/etc/pass",
    "/etc/grou",
    " id ",
    "(id ",
    "vipw",
];

/// The minor version of Alpine 3 whose accounts are listed; later ones have them, too.
const ALPINE: usize = 14;

/// Images of others that keep the users of the Ubuntu that they are built on.
const ON_UBUNTU: [&str; 5] = ["buildpack-deps", "eclipse-temurin", "maven", "nvidia/cuda", "ubuntu"];

/// The releases of Ubuntu whose images have a user `ubuntu`, by the words of tags.
const WITH_UBUNTU: [&str; 12] = [
    "23.04", "lunar", "23.10", "mantic", "24.04", "noble", "24.10", "oracular", "25.04", "plucky", "26.04",
    "resolute",
];

/// An account of the base image.
struct Account {
    name: Cow<'static, str>,
    number: Option<usize>,
}

impl Account {
    /// Of `name` or `name:number`.
    fn of(text: &'static str) -> Self {
        let (name, number) = text.split_once(':').unwrap_or((text, ""));
        Self { name: Cow::Borrowed(name), number: number.parse().ok() }
    }
}

/// What is known of the accounts that are there as a stage begins.
#[derive(Default)]
struct Accounts {
    users: Vec<Account>,
    groups: Vec<Account>,
}

impl Accounts {
    fn of(model: &Model, stage: &Stage) -> Option<Self> {
        let Base::Image(image) = model.root_base(stage) else { return None };
        let facts = facts(image)?;
        let mut found = Self::default();
        let family = model.family(stage);
        let is_system = facts.kind == Some(ImageKind::Os)
            || matches!(facts.kind, Some(ImageKind::Runtime | ImageKind::Sdk)) && image.is_official();
        let (users, groups) = match family {
            Family::Debian | Family::Ubuntu if is_system => (DEBIAN_USERS, DEBIAN_GROUPS),
            Family::Alpine if is_system && is_alpine_since(image, ALPINE) => (ALPINE_USERS, ALPINE_GROUPS),
            _ => (&[][..], &[][..]),
        };
        found.users.extend(users.iter().map(|text| Account::of(text)));
        found.groups.extend(groups.iter().map(|text| Account::of(text)));
        let major = image.tag.as_deref().and_then(first_number);
        let has_own = facts.users_since.is_none_or(|since| major.is_some_and(|major| major >= since));
        if has_own && !is_ubuntu(image) {
            for (number, name) in facts.users.iter().enumerate() {
                found.add(name, facts.uid.filter(|_| number == 0));
            }
        }
        if family == Family::Ubuntu && has_ubuntu(image) {
            found.add("ubuntu", Some(1000));
        }
        (!found.users.is_empty()).then_some(found)
    }

    /// Adds a user with a group of its own.
    fn add(&mut self, name: &'static str, number: Option<usize>) {
        for list in [&mut self.users, &mut self.groups] {
            if !list.iter().any(|account| account.name == name) {
                list.push(Account { name: Cow::Borrowed(name), number });
            }
        }
    }
}

fn is_ubuntu(image: &ImageRef) -> bool {
    image.is_official() && image.familiar_path() == "ubuntu"
}

/// True if the image has the user `ubuntu` of its release.
fn has_ubuntu(image: &ImageRef) -> bool {
    let tag = image.tag.as_deref().unwrap_or("latest");
    let path = image.familiar_path();
    let named = WITH_UBUNTU.iter().any(|word| tag.contains(word));
    ON_UBUNTU.contains(&path) && &*image.registry == "docker.io" && named || is_newest_ubuntu(image)
}

/// True for a tag of Ubuntu that moves to each new release: all since 2024 are alike in what rules ask.
pub(super) fn is_newest_ubuntu(image: &ImageRef) -> bool {
    let tag = image.tag.as_deref().unwrap_or("latest");
    is_ubuntu(image) && image.digest.is_none() && matches!(tag, "latest" | "rolling" | "devel")
}

/// The number that a tag begins with.
fn first_number(tag: &str) -> Option<usize> {
    tag.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// True for an image on Alpine 3.`minor` or later, or a tag that is still rebuilt upon a newer one.
pub(super) fn is_alpine_since(image: &ImageRef, minor: usize) -> bool {
    let tag = image.tag.as_deref().unwrap_or("latest");
    let version = match (image.familiar_path(), tag.rsplit_once("alpine")) {
        ("alpine", _) => tag,
        (_, Some((_, version))) => version,
        _ => "",
    };
    match version.split_once('.') {
        Some(("3", of_tag)) => first_number(of_tag).is_some_and(|of_tag| of_tag >= minor),
        Some(_) => false,
        None => image.digest.is_none() && (matches!(version, "3" | "latest" | "edge") || is_rebuilt(image)),
    }
}

/// `account-exists`.
pub fn account(cx: &mut Cx<'_>) {
    let model = cx.model;
    let removals = Removals::of(model);
    let known: PerStage<OnceCell<Option<Accounts>>> = model.stages.iter().map(|_| OnceCell::new()).collect();
    for program in ["adduser", "addgroup", "useradd", "groupadd"] {
        for cmd in model.commands_named(program) {
            let Some(stage) = cmd.stage().filter(|s| s.reachable) else { continue };
            if !cmd.ends_build() || model.runs_as(cmd.step()) != RunsAs::Root {
                continue;
            }
            let accounts =
                known.get(stage.index).map(|known| known.get_or_init(|| Accounts::of(model, stage)));
            let Some(Some(accounts)) = accounts else { continue };
            let Some(made) = Made::of(&cmd, model.family(stage)) else { continue };
            let Some(found) = made.clash(accounts) else { continue };
            if removals.may_be_before(stage, cmd.step()) {
                continue;
            }
            let image = image_name(model, stage);
            let Clash { span, what, number, by } = found;
            let is_user = what == "user";
            let message = match number {
                None => format!(
                    "`{image}` already has a {what} `{by}`, so `{program}` fails, and so does the build"
                ),
                Some(number) => format!(
                    "in `{image}`, the {what} `{by}` already has the ID {number}, so `{program}` fails, and so does the build"
                ),
            };
            let is_own = facts_users(model, stage).contains(&&*by) || by == "ubuntu";
            let remove = match (model.family(stage), is_user) {
                (Family::Alpine, true) => format!("deluser --remove-home {by}"),
                (Family::Alpine, false) => format!("delgroup {by}"),
                (_, true) => format!("userdel --remove {by}"),
                (_, false) => format!("groupdel {by}"),
            };
            let help = match (number, is_own) {
                (None, true) => format!("leave this out, and use the {what} that is there: `USER {by}`"),
                (None, false) => format!("leave this out, since the {what} is there, or choose another name"),
                (Some(_), true) if is_user => {
                    format!(
                        "use the user that is there (`USER {by}`), choose another ID, or remove it first: `{remove}`"
                    )
                }
                (Some(_), true) => {
                    format!("use the user that is there (`USER {by}`), or choose another ID")
                }
                (Some(_), false) => "choose another number".to_owned(),
            };
            cx.report(cx.at(span, message).help(help));
        }
    }
}

fn facts_users<'m>(model: &'m Model, stage: &Stage) -> &'m [&'static str] {
    match model.root_base(stage) {
        Base::Image(image) => facts(image).map_or(&[], |facts| facts.users),
        _ => &[],
    }
}

/// Where accounts of the base image may be taken away, or asked for, by stage.
struct Removals<'m> {
    model: &'m Model,
    /// The first such step of each stage, as far as it was asked for.
    first: PerStage<OnceCell<Option<usize>>>,
}

impl<'m> Removals<'m> {
    fn of(model: &'m Model) -> Self {
        Self { model, first: model.stages.iter().map(|_| OnceCell::new()).collect() }
    }

    /// True if something before or in `step` of `stage` may take an account away, or asks for it.
    fn may_be_before(&self, stage: &Stage, step: usize) -> bool {
        self.model.lineage(stage).take(20).any(|stage| {
            let first = self.first.get(stage.index);
            let find = || stage.steps.clone().find(|step| self.may_be(*step));
            first.and_then(|first| *first.get_or_init(find)).is_some_and(|first| first <= step)
        })
    }

    fn may_be(&self, step: usize) -> bool {
        let model = self.model;
        let instruction = model.instruction(step);
        let text = model.text(instruction.span);
        match &instruction.kind {
            Kind::Run(_) => {
                TAKEN_AWAY.iter().any(|word| text.contains(word))
                    || model.scripts_of(step).iter().any(|script| script.script.opaque)
                    || model.commands_of(step).any(|cmd| cmd.runs_script())
            }
            Kind::Copy(_) | Kind::Add(_) => {
                text.contains("/etc")
                    || model.copies_of(step).iter().any(|c| c.destination.known().is_none_or(|to| to == "/"))
            }
            _ => false,
        }
    }
}

/// The account that a command makes.
struct Made<'m> {
    is_user: bool,
    name: Option<(Span, Cow<'m, str>)>,
    number: Option<(Span, usize)>,
    /// True if it makes a group of the user's name.
    with_group: bool,
}

/// An account that is there already.
struct Clash {
    span: Span,
    what: &'static str,
    number: Option<usize>,
    by: String,
}

impl<'m> Made<'m> {
    fn of(cmd: &Cmd<'m>, family: Family) -> Option<Self> {
        let program = cmd.program();
        let is_busybox = family == Family::Alpine;
        let is_user = matches!(program, "adduser" | "useradd");
        let grammar = match program {
            "useradd" => &USERADD,
            "groupadd" => &GROUPADD,
            _ if is_busybox => &BUSYBOX_ADD,
            _ => &DEBIAN_ADD,
        };
        if cmd.has_unknown_options() {
            return None;
        }
        let arguments = cmd.arguments(grammar);
        let has = |flags: &[&str]| arguments.has(flags);
        let is_shadow = matches!(program, "useradd" | "groupadd");
        // `-f` of groupadd takes what is there, `-D` of useradd shows settings, and a root elsewhere is another system.
        let other = is_shadow
            && has(&["-f", "--force", "-D", "--defaults", "-R", "--root", "-P", "--prefix"])
            && !(program == "useradd"
                && has(&["-f"])
                && !has(&["-D", "--defaults", "-R", "--root", "-P", "--prefix"]));
        // Debian's take a system account that is there for what was asked.
        let takes = !is_shadow && !is_busybox && has(&["--system", "--group"]);
        let free = is_shadow && has(&["-o", "--non-unique"]);
        // Two words put a user into a group.
        let [word] = arguments.operands[..] else { return None };
        if other || takes {
            return None;
        }
        let flags: &[&str] = match (program, is_busybox) {
            ("useradd", _) => &["-u", "--uid"],
            ("groupadd", _) => &["-g", "--gid"],
            ("adduser", true) => &["-u", "--uid"],
            ("adduser", false) => &["--uid"],
            (_, true) => &["-g", "--gid"],
            (_, false) => &["--gid"],
        };
        let number = |option: &ProgramOption<'m>| {
            let value = option.value?.resolve(cmd)?;
            Some((option.span(), value.parse().ok()?))
        };
        let with_group = program == "useradd" && !has(&["-g", "--gid", "-N", "--no-user-group"]);
        Some(Self {
            is_user,
            name: cmd.text_of(word).map(|text| (word.span, Cow::Owned(text))),
            number: arguments.option(flags).and_then(number).filter(|_| !free),
            with_group,
        })
    }

    fn clash(&self, accounts: &Accounts) -> Option<Clash> {
        let (own, what) = if self.is_user { (&accounts.users, "user") } else { (&accounts.groups, "group") };
        let named = |list: &[Account], what: &'static str| {
            let (span, name) = self.name.as_ref()?;
            let found = list.iter().find(|account| account.name == *name)?;
            Some(Clash { span: *span, what, number: None, by: found.name.to_string() })
        };
        let numbered = || {
            let (span, number) = self.number?;
            let found = own.iter().find(|account| account.number == Some(number))?;
            Some(Clash { span, what, number: Some(number), by: found.name.to_string() })
        };
        named(own, what)
            .or_else(numbered)
            .or_else(|| self.with_group.then(|| named(&accounts.groups, "group")).flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_ubuntu_is_in_the_images_of_newer_releases() {
        for (image, want) in [
            ("ubuntu", true),
            ("ubuntu:24.04", true),
            ("ubuntu:noble-20260101", true),
            ("nvidia/cuda:12.9.1-runtime-ubuntu24.04", true),
            ("eclipse-temurin:21-jdk-noble", true),
            ("ubuntu:22.04", false),
            ("eclipse-temurin:21", false),
            ("gradle:9-jdk21-noble", false),
            ("example.com/ubuntu:24.04", false),
        ] {
            assert_eq!(has_ubuntu(&ImageRef::parse(image).unwrap()), want, "{image}");
        }
    }

    #[test]
    fn accounts_of_alpine_are_known_of_newer_releases() {
        for (image, want) in [
            ("alpine", true),
            ("alpine:3.22", true),
            ("node:22-alpine3.21", true),
            ("alpine:3.9", false),
            ("php:7.1-alpine", false),
            ("alpine:2.7", false),
        ] {
            assert_eq!(is_alpine_since(&ImageRef::parse(image).unwrap(), ALPINE), want, "{image}");
        }
    }
}
