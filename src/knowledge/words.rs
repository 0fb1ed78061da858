//! Lists of words: `rules/data/words.toml`.

mod table {
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}

/// Endings of files that people write and repositories hold.
pub const WRITTEN_ENDINGS: &[&str] = table::WRITTEN_ENDINGS;

/// Folders that builds make: what is missing in them may come later.
pub const OUTPUT_FOLDERS: &[&str] = table::OUTPUT_FOLDERS;

/// Endings of files that ADD unpacks: tar archives, compressed or not, some by names of their own.
pub const ARCHIVE_ENDINGS: &[&str] = table::ARCHIVE_ENDINGS;

/// Endings, without the dot, of files that ADD never unpacks.
pub const PLAIN_ENDINGS: &[&str] = table::PLAIN_ENDINGS;

/// Endings, without the dot, of files that may be archives or anything else.
pub const OPEN_ENDINGS: &[&str] = table::OPEN_ENDINGS;

/// Variables that are there without anybody setting them: the shell's own, and those of the builder.
pub const VARIABLES_OF_SHELLS: &[&str] = table::VARIABLES_OF_SHELLS;

/// Parts at the end of a name that say where a secret is, or something else about it, not what it is.
pub const SECRET_ABOUT: &[&str] = table::SECRET_ABOUT;

/// Parts of a name that say secret, and parts that take it back (BuildKit's `SecretsUsedInArgOrEnv`).
pub const SECRET_WORDS: &[&str] = table::SECRET_WORDS;

/// Values that stand where a secret is to be put: `changeit`.
pub const STAND_INS: &[&str] = table::STAND_INS;

/// Words of a phrase that stands where a secret is to be put, which say so.
pub const STAND_IN_MARKS: &[&str] = table::STAND_IN_MARKS;

/// The other words of such a phrase.
pub const STAND_IN_WORDS: &[&str] = table::STAND_IN_WORDS;

/// Endings of files that are no Dockerfiles, whatever they start with.
pub const NO_DOCKERFILE_ENDINGS: &[&str] = table::NO_DOCKERFILE_ENDINGS;

/// Endings of templates, which render to a Dockerfile.
pub const TEMPLATE_ENDINGS: &[&str] = table::TEMPLATE_ENDINGS;

/// Endings of programs in other languages.
pub const CODE_ENDINGS: &[&str] = table::CODE_ENDINGS;

/// Variables that say where a package manager fetches from.
pub const SOURCE_VARIABLES: &[&str] = table::SOURCE_VARIABLES;

/// Subcommands of git that only look.
pub const GIT_LOOKS: &[&str] = table::GIT_LOOKS;

/// Endings of files that were downloaded to be used and removed.
pub const DOWNLOAD_ENDINGS: &[&str] = table::DOWNLOAD_ENDINGS;

/// Prefixes of variables that only tools of builds read.
pub const BUILD_VARIABLES: &[&str] = table::BUILD_VARIABLES;

/// Options that make a package manager work on parts of a larger project, or without a network.
pub const PARTIAL_OPTIONS: &[&str] = table::PARTIAL_OPTIONS;

/// Words in names of stages and files for people at work on the program.
pub const WORK_WORDS: &[&str] = table::WORK_WORDS;

/// Other words in names of stages that nobody ships the image of.
pub const DEVELOPMENT_WORDS: &[&str] = table::DEVELOPMENT_WORDS;

/// Programs that run tests and nothing else.
pub const TEST_RUNNERS: &[&str] = table::TEST_RUNNERS;

/// Words in names of files and services for tests.
pub const TEST_WORDS: &[&str] = table::TEST_WORDS;

/// Modules of Go that hold C code.
pub const CGO_MODULES: &[&str] = table::CGO_MODULES;

/// Programs that compress what they are given.
pub const COMPRESSORS: &[&str] = table::COMPRESSORS;

/// Tags and branches that are made to move.
pub const MOVING_REFS: &[&str] = table::MOVING_REFS;

/// Beginnings of addresses of git repositories.
pub const GIT_ADDRESSES: &[&str] = table::GIT_ADDRESSES;

/// Endings of the tar archives that ADD unpacks.
pub const TAR_ENDINGS: &[&str] = table::TAR_ENDINGS;

/// Images that hold a compiler and many libraries unless their tag says `slim`: what their packages
/// recommend is there already.
pub const IMAGES_WITH_COMPILERS: &[&str] = table::IMAGES_WITH_COMPILERS;

/// What BuildKit sets for each RUN, if it is told to.
pub const PROXY_VARIABLES: &[&str] = table::PROXY_VARIABLES;

/// Packages that are compilers, or bring them.
pub const COMPILER_PACKAGES: &[&str] = table::COMPILER_PACKAGES;

/// BuildKit's checks (`frontend/dockerfile/linter/ruleset.go`).
pub const BUILDKIT_CHECKS: &[&str] = table::BUILDKIT_CHECKS;

/// Options of wget with which it writes no progress, or not into the log.
pub const QUIET_WGET_OPTIONS: &[&str] = table::QUIET_WGET_OPTIONS;

/// Folders of tests and examples.
pub const TEST_FOLDERS: &[&str] = table::TEST_FOLDERS;

/// Beginnings of words in tags that mean a relative of Red Hat's distribution.
pub const RED_HAT_TAGS: &[&str] = table::RED_HAT_TAGS;

/// What stands in a word that nobody takes for a secret, in lower case.
pub const PLACEHOLDERS: &[&str] = table::PLACEHOLDERS;

/// Programs that are all but everywhere, and yet not in an image without a system.
pub const COMMON_PROGRAMS: &[&str] = table::COMMON_PROGRAMS;

/// What an instruction says that gives packages another source.
pub const OTHER_SOURCES: &[&str] = table::OTHER_SOURCES;

/// Scripts of a `package.json` that npm, yarn and pnpm run when they install.
pub const INSTALL_SCRIPTS: &[&str] = table::INSTALL_SCRIPTS;

/// Words of tags that stand for whatever is newest of a kind: `lts`.
pub const MOVING_CHANNELS: &[&str] = table::MOVING_CHANNELS;

/// Words of tags that say how an image is made, and nothing of its version: `slim`.
pub const TAG_VARIANTS: &[&str] = table::TAG_VARIANTS;

/// Users and groups that images of distributions have.
pub const BASE_ACCOUNTS: &[&str] = table::BASE_ACCOUNTS;

/// Names that people give to the user of their program, and no package does.
pub const TYPICAL_USERS: &[&str] = table::TYPICAL_USERS;

/// Users of all images of Debian and Ubuntu, as `name` or `name:number`.
pub const DEBIAN_USERS: &[&str] = table::DEBIAN_USERS;

/// Their groups.
pub const DEBIAN_GROUPS: &[&str] = table::DEBIAN_GROUPS;

/// Users of all images of Alpine since 3.14.
pub const ALPINE_USERS: &[&str] = table::ALPINE_USERS;

/// Their groups.
pub const ALPINE_GROUPS: &[&str] = table::ALPINE_GROUPS;

/// Parts of URLs of scripts that set up a vendor's packages for apt and fetch the lists themselves.
pub const APT_SETUP_SCRIPTS: &[&str] = table::APT_SETUP_SCRIPTS;

/// Programs that read apt's lists, or install by them.
pub const LISTS_READERS: &[&str] = table::LISTS_READERS;

/// Prefixes of variables whose values are part of what browsers get.
pub const BROWSER_VARIABLES: &[&str] = table::BROWSER_VARIABLES;

/// Releases of Debian and Ubuntu whose Python is marked as externally managed (PEP 668).
pub const MANAGED_PYTHON_RELEASES: &[&str] = table::MANAGED_PYTHON_RELEASES;

/// Words of builds that have another Python than the distribution's, or other packages, or tell pip something else.
pub const OTHER_PYTHON: &[&str] = table::OTHER_PYTHON;

/// Programs that put another version of a language in, and the names of their installers.
pub const VERSION_MANAGERS: &[&str] = table::VERSION_MANAGERS;

/// Words of a Dockerfile that may link a program to no C library or to another one, or bring another one.
pub const OTHER_LIBC: &[&str] = table::OTHER_LIBC;

/// Programs that serve until they are stopped, or run what does.
pub const SERVERS: &[&str] = table::SERVERS;

/// Packages that each image of Debian and Ubuntu has.
pub const ESSENTIAL_PACKAGES: &[&str] = table::ESSENTIAL_PACKAGES;

/// Endings of files, and names of files without one, that are copied beside a manifest and are no folders.
pub const FILES_BESIDE_MANIFESTS: &[&str] = table::FILES_BESIDE_MANIFESTS;

/// Folders of a repository that hold files of tasks.
pub const TASK_FOLDERS: &[&str] = table::TASK_FOLDERS;

/// Names of files of tasks, in lower case.
pub const TASK_FILES: &[&str] = table::TASK_FILES;

/// Words of lines of tasks that bring files: programs that fetch, unpack or write.
pub const BRINGING_WORDS: &[&str] = table::BRINGING_WORDS;

/// Words of lines of tasks that copy, whole folders too.
pub const COPYING_WORDS: &[&str] = table::COPYING_WORDS;

/// Programs that ask something, so that it is no fault where they fail.
pub const ASKING_PROGRAMS: &[&str] = table::ASKING_PROGRAMS;

/// Images whose recipes set a SHELL for who builds on them; `/*` means all below a name.
pub const IMAGES_WITH_SHELL: &[&str] = table::IMAGES_WITH_SHELL;

/// Images of Debian and Ubuntu beside Docker's official ones whose recipes set no SHELL.
pub const IMAGES_WITHOUT_SHELL: &[&str] = table::IMAGES_WITHOUT_SHELL;

/// Folders that images of the known systems have.
pub const FOLDERS_OF_SYSTEMS: &[&str] = table::FOLDERS_OF_SYSTEMS;

/// Folders that official images have beside those, behind the name of the image.
pub const FOLDERS_OF_IMAGES: &[&str] = table::FOLDERS_OF_IMAGES;

/// Options of installs that decide what is installed.
pub const KEPT_OPTIONS: &[&str] = table::KEPT_OPTIONS;

/// The same with a value.
pub const KEPT_OPTIONS_WITH_VALUE: &[&str] = table::KEPT_OPTIONS_WITH_VALUE;

/// Programs that are in packages of other names: the program, and what Debian and Alpine call the package; `-` where they
/// have none.
pub const PACKAGES_OF_PROGRAMS: &[&str] = table::PACKAGES_OF_PROGRAMS;
