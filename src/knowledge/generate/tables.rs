//! The TOML tables. The structs and enums that are named here are in `src/knowledge/`.

use super::schema::Need::{Else, May, Must};
use super::schema::Type::{
    Either, Flag, Map, Month, Number, One, Row, Rows, Set, Some, Text, Texts, Variant, Words,
};
use super::schema::{Enum, Struct, Table};

/// All of them.
pub const TABLES: [Table; 16] = [
    Table {
        name: "programs.toml",
        ids: None,
        statics: &[
            ("PROGRAMS", "programs", Map(&Set("Traits", &TRAIT))),
            ("BUILDS", "builds", Map(&Texts)),
            ("COMPILES_NATIVE", "compiles_native", Map(&Texts)),
            ("DEBIAN_PACKAGES", "debian_packages", Map(&Text)),
            ("POINTLESS", "pointless", Map(&One(&POINT))),
            ("FETCHERS", "fetchers", Map(&Texts)),
        ],
    },
    Table {
        name: "words.toml",
        ids: None,
        statics: &[
            ("MANAGED_PYTHON_RELEASES", "managed_python_releases", Texts),
            ("OTHER_PYTHON", "other_python", Texts),
            ("VERSION_MANAGERS", "version_managers", Texts),
            ("OTHER_LIBC", "other_libc", Texts),
            ("SERVERS", "servers", Texts),
            ("ESSENTIAL_PACKAGES", "essential_packages", Texts),
            ("FILES_BESIDE_MANIFESTS", "files_beside_manifests", Texts),
            ("TASK_FOLDERS", "task_folders", Texts),
            ("TASK_FILES", "task_files", Texts),
            ("BRINGING_WORDS", "bringing_words", Texts),
            ("COPYING_WORDS", "copying_words", Texts),
            ("ASKING_PROGRAMS", "asking_programs", Texts),
            ("IMAGES_WITHOUT_SHELL", "images_without_shell", Texts),
            ("FOLDERS_OF_IMAGES", "folders_of_images", Texts),
            ("KEPT_OPTIONS", "kept_options", Texts),
            ("KEPT_OPTIONS_WITH_VALUE", "kept_options_with_value", Texts),
            ("PACKAGES_OF_PROGRAMS", "packages_of_programs", Texts),
            ("FOLDERS_OF_SYSTEMS", "folders_of_systems", Texts),
            ("IMAGES_WITH_SHELL", "images_with_shell", Texts),
            ("WRITTEN_ENDINGS", "written_endings", Texts),
            ("OUTPUT_FOLDERS", "output_folders", Texts),
            ("ARCHIVE_ENDINGS", "archive_endings", Texts),
            ("OPEN_ENDINGS", "open_endings", Texts),
            ("PLAIN_ENDINGS", "plain_endings", Texts),
            ("VARIABLES_OF_SHELLS", "variables_of_shells", Texts),
            ("SECRET_ABOUT", "secret_about", Texts),
            ("SECRET_WORDS", "secret_words", Texts),
            ("COMMON_PROGRAMS", "common_programs", Texts),
            ("OTHER_SOURCES", "other_sources", Texts),
            ("INSTALL_SCRIPTS", "install_scripts", Texts),
            ("NO_DOCKERFILE_ENDINGS", "no_dockerfile_endings", Texts),
            ("TEMPLATE_ENDINGS", "template_endings", Texts),
            ("CODE_ENDINGS", "code_endings", Texts),
            ("SOURCE_VARIABLES", "source_variables", Texts),
            ("GIT_LOOKS", "git_looks", Texts),
            ("DOWNLOAD_ENDINGS", "download_endings", Texts),
            ("BUILD_VARIABLES", "build_variables", Texts),
            ("PARTIAL_OPTIONS", "partial_options", Texts),
            ("DEVELOPMENT_WORDS", "development_words", Texts),
            ("MOVING_REFS", "moving_refs", Texts),
            ("COMPRESSORS", "compressors", Texts),
            ("GIT_ADDRESSES", "git_addresses", Texts),
            ("TAR_ENDINGS", "tar_endings", Texts),
            ("IMAGES_WITH_COMPILERS", "images_with_compilers", Texts),
            ("PROXY_VARIABLES", "proxy_variables", Texts),
            ("COMPILER_PACKAGES", "compiler_packages", Texts),
            ("QUIET_WGET_OPTIONS", "quiet_wget_options", Texts),
            ("TEST_FOLDERS", "test_folders", Texts),
            ("RED_HAT_TAGS", "red_hat_tags", Texts),
            ("PLACEHOLDERS", "placeholders", Texts),
            ("STAND_INS", "stand_ins", Texts),
            ("STAND_IN_MARKS", "stand_in_marks", Texts),
            ("STAND_IN_WORDS", "stand_in_words", Texts),
            ("TEST_RUNNERS", "test_runners", Texts),
            ("TEST_WORDS", "test_words", Texts),
            ("WORK_WORDS", "work_words", Texts),
            ("CGO_MODULES", "cgo_modules", Texts),
            ("BUILDKIT_CHECKS", "buildkit_checks", Texts),
            ("MOVING_CHANNELS", "moving_channels", Texts),
            ("TAG_VARIANTS", "tag_variants", Texts),
            ("BASE_ACCOUNTS", "base_accounts", Texts),
            ("TYPICAL_USERS", "typical_users", Texts),
            ("DEBIAN_USERS", "debian_users", Texts),
            ("DEBIAN_GROUPS", "debian_groups", Texts),
            ("ALPINE_USERS", "alpine_users", Texts),
            ("ALPINE_GROUPS", "alpine_groups", Texts),
            ("APT_SETUP_SCRIPTS", "apt_setup_scripts", Texts),
            ("LISTS_READERS", "lists_readers", Texts),
            ("BROWSER_VARIABLES", "browser_variables", Texts),
        ],
    },
    Table {
        name: "package_managers.toml",
        ids: Option::Some(("ManagerId", "manager")),
        statics: &[("MANAGERS", "manager", Rows(&MANAGER))],
    },
    Table { name: "images.toml", ids: None, statics: &[("IMAGES", "*", Map(&Row(&IMAGE)))] },
    Table { name: "suites.toml", ids: None, statics: &[("SUITES", "suite", Rows(&SUITE))] },
    Table {
        name: "lifecycle.toml",
        ids: None,
        statics: &[
            ("PRODUCTS", "product", Rows(&PRODUCT)),
            ("DEPRECATED", "deprecated", Map(&Row(&DEPRECATION))),
        ],
    },
    Table {
        name: "licenses.toml",
        ids: None,
        statics: &[("LICENSES", "licenses", Words), ("EXCEPTIONS", "exceptions", Words)],
    },
    Table { name: "secrets.toml", ids: None, statics: &[("SECRETS", "secret", Rows(&SECRET))] },
    Table {
        name: "verification.toml",
        ids: None,
        statics: &[
            ("OPTIONS", "option", Rows(&OPTION)),
            ("SETTINGS", "setting", Rows(&SETTING)),
            ("VARIABLES", "variable", Rows(&VARIABLE)),
            ("TEXTS", "text", Rows(&SETTINGS_TEXT)),
        ],
    },
    Table { name: "hadolint.toml", ids: None, statics: &[("LEVELS", "levels", Map(&One(&LEVEL)))] },
    Table {
        name: "base_programs.toml",
        ids: None,
        statics: &[
            ("SETS", "sets", Map(&Row(&PROGRAM_SET))),
            ("DROPPED", "dropped", Rows(&DROPPED)),
            ("APK", "apk", Map(&Words)),
        ],
    },
    Table {
        name: "gone_packages.toml",
        ids: None,
        statics: &[("PACKAGES", "packages", Map(&Row(&GONE_PACKAGE)))],
    },
    Table { name: "calls.toml", ids: None, statics: &[("LANGUAGES", "language", Rows(&CALLS))] },
    Table { name: "history.toml", ids: None, statics: &[("READERS", "*", Map(&Texts))] },
    Table { name: "leftovers.toml", ids: None, statics: &[("KINDS", "leftover", Rows(&LEFTOVER))] },
    Table {
        name: "runtime_libraries.toml",
        ids: None,
        statics: &[
            ("APT", "apt", Map(&LIBRARY)),
            ("APK", "apk", Map(&LIBRARY)),
            ("HELPERS", "helpers", Row(&HELPERS)),
            ("PYTHON", "python", Map(&Text)),
            ("RUBY", "ruby", Map(&Text)),
            ("RUST", "rust", Map(&Text)),
        ],
    },
];

const MANAGER: Struct = Struct {
    name: "Manager",
    keys: &[
        ("id", Must, Variant("ManagerId")),
        ("commands", Must, Texts),
        ("install", NONE, Texts),
        ("update", NONE, Texts),
        ("stale_lists", Else("false"), Flag),
        ("upgrade", NONE, Texts),
        ("release_upgrade", NONE, Texts),
        ("remove", NONE, Texts),
        ("clean", NONE, Texts),
        ("values", NONE, Texts),
        ("flags", NONE, Texts),
        ("dry_run", NONE, Texts),
        ("yes", NONE, Texts),
        ("yes_option", May, Text),
        ("yes_env", NONE, Texts),
        ("config", NONE, Texts),
        ("yes_config", May, Text),
        ("no_recommends", NONE, Texts),
        ("no_recommends_option", May, Text),
        ("no_recommends_config", May, Text),
        ("no_cache", NONE, Texts),
        ("no_cache_env", NONE, Texts),
        ("caches", NONE, Texts),
        ("pins", May, Row(&PINS)),
        ("ids", Else("Ids::NONE"), Row(&IDS)),
        ("system", Else("false"), Flag),
        ("manifests", NONE, Texts),
        ("locks", NONE, Texts),
        ("beside", NONE, Texts),
        ("install_from_manifest", NONE, Texts),
        ("cache", May, Row(&CACHE)),
        ("downloads", May, Row(&CACHE)),
    ],
};
const NONE: super::schema::Need = Else("&[]");
const PROGRAM_SET: Struct =
    Struct { name: "ProgramSet", keys: &[("lacks", Must, Words), ("images", Must, Map(&Words))] };
const DROPPED: Struct = Struct {
    name: "Dropped",
    keys: &[
        ("image", Must, Text),
        ("version", Must, Number("u32")),
        ("tags", Must, Texts),
        ("lacks", Must, Words),
    ],
};
const ACTION: Enum =
    Enum { name: "Action", words: &["install", "update", "upgrade", "remove", "clean", "other"] };
const PINS: Struct = Struct {
    name: "Pins",
    keys: &[
        ("style", Else("Style::Marked"), One(&STYLE)),
        ("commands", Must, Texts),
        ("marks", NONE, Texts),
        ("files", NONE, Texts),
        ("prefixes", NONE, Texts),
        ("suffixes", NONE, Texts),
        ("options", NONE, Texts),
        ("env", NONE, Texts),
        ("write", Must, Text),
    ],
};
const STYLE: Enum = Enum { name: "Style", words: &["marked", "rpm", "python", "node", "go", "composer"] };
const IDS: Struct = Struct {
    name: "Ids",
    keys: &[
        ("pin", May, Text),
        ("yes", May, Text),
        ("cache", May, Text),
        ("upgrade", May, Text),
        ("release_upgrade", May, Text),
    ],
};
const CACHE: Struct = Struct {
    name: "Cache",
    keys: &[
        ("what", Must, Text),
        ("folders", Must, Texts),
        ("filled_by", Must, Some(&ACTION)),
        ("filled_with", NONE, Texts),
        ("holds", NONE, Texts),
        ("unless", NONE, Texts),
        ("elsewhere", NONE, Texts),
        ("remove", Must, Text),
        ("cleaned_by", NONE, Texts),
        ("remove_is_safe", Else("true"), Flag),
        ("locked", Else("false"), Flag),
        ("shared_with", NONE, Some(&MANAGER_ID)),
    ],
};
// Any id that the list has: the compiler holds it against the enum.
const MANAGER_ID: Enum = Enum { name: "ManagerId", words: &[] };

const IMAGE: Struct = Struct {
    name: "ImageFacts",
    keys: &[
        ("family", Else("Family::Unknown"), One(&FAMILY)),
        ("suite", May, Text),
        ("user", May, Text),
        ("workdir", May, Text),
        ("users", NONE, Texts),
        ("uid", May, Number("usize")),
        ("users_since", May, Number("usize")),
        ("env", NONE, Texts),
        ("tag", May, Text),
        ("kind", May, One(&IMAGE_KIND)),
        ("runtime", May, Text),
        ("numbers", May, Number("usize")),
    ],
};
const FAMILY: Enum = Enum {
    name: "Family",
    words: &["debian", "ubuntu", "alpine", "red-hat", "suse", "arch", "bare", "windows", "unknown"],
};
const IMAGE_KIND: Enum = Enum { name: "ImageKind", words: &["sdk", "runtime", "os", "service"] };

const SUITE: Struct = Struct {
    name: "Suite",
    keys: &[
        ("name", Must, Text),
        ("family", Must, One(&FAMILY)),
        ("label", Must, Text),
        ("images", NONE, Texts),
        ("built_on", NONE, Texts),
        ("lists", May, Number("u64")),
        ("archived", May, Month),
    ],
};

const PRODUCT: Struct = Struct {
    name: "Product",
    keys: &[
        ("name", Must, Text),
        ("images", Must, Texts),
        ("tag", May, Text),
        ("ended", Must, Map(&Month)),
        ("suites", NONE, Map(&Text)),
    ],
};
const DEPRECATION: Struct = Struct {
    name: "Deprecated",
    keys: &[("since", Must, Month), ("instead", Must, Text), ("version", May, Text)],
};

const SECRET: Struct = Struct {
    name: "SecretShape",
    keys: &[
        ("name", Must, Text),
        ("prefixes", Must, Texts),
        ("gap", NONE, Texts),
        ("chars", Must, One(&CHARS)),
        ("min", Must, Number("usize")),
        ("max", Must, Number("usize")),
    ],
};
const CHARS: Enum = Enum { name: "Chars", words: &["upper", "hex", "alnum", "word", "base64"] };

const UNCHECKED: Enum = Enum { name: "Unchecked", words: &["certificate", "signature"] };
const OPTION: Struct = Struct {
    name: "CheckOption",
    keys: &[
        ("check", Must, One(&UNCHECKED)),
        ("commands", Must, Texts),
        ("subcommands", NONE, Texts),
        ("options", Must, Texts),
        ("values", Else("\"\""), Text),
        ("alias", May, Text),
    ],
};
const SETTING: Struct = Struct {
    name: "CheckSetting",
    keys: &[
        ("check", Must, One(&UNCHECKED)),
        ("commands", Must, Texts),
        ("subcommands", Must, Texts),
        ("key", Must, Text),
        ("off", Must, Texts),
        ("alias", May, Text),
    ],
};
const VARIABLE: Struct = Struct {
    name: "CheckVariable",
    keys: &[
        ("check", Must, One(&UNCHECKED)),
        ("names", Must, Texts),
        ("off", Must, Texts),
        ("alias", May, Text),
    ],
};
const SETTINGS_TEXT: Struct = Struct {
    name: "CheckText",
    keys: &[("check", Must, One(&UNCHECKED)), ("text", Must, Text), ("alias", May, Text)],
};

const LEVEL: Enum = Enum { name: "Level", words: &["error", "warning", "info", "style", "ignore"] };

const LEFTOVER: Struct = Struct {
    name: "Leftover",
    keys: &[
        ("what", Must, Text),
        ("help", Must, Text),
        ("folders", NONE, Texts),
        ("named", NONE, Texts),
        ("files", NONE, Texts),
    ],
};

const CALLS: Struct = Struct {
    name: "Calls",
    keys: &[
        ("name", Must, Text),
        ("endings", Must, Texts),
        ("comments", Must, Texts),
        ("of_builds", NONE, Texts),
        ("words", Must, Texts),
        ("manifests", NONE, Texts),
        ("packages", NONE, Texts),
    ],
};
const GONE_PACKAGE: Struct =
    Struct { name: "GonePackage", keys: &[("lacks", Must, Texts), ("instead", Must, Texts)] };
const LIBRARY: super::schema::Type = Either("Library", [("One", &Text), ("ByRelease", &Map(&Text))]);
const HELPERS: Struct = Struct { name: "Helpers", keys: &[("build", Must, Texts), ("any", Must, Texts)] };

const TRAIT: Enum = Enum {
    name: "Trait",
    words: &[
        "shell",
        "has-pipefail",
        "builtin",
        "changes-shell",
        "writes-nothing",
        "prints-lines",
        "installs-nothing",
        "takes-any-file",
        "never-fails",
        "filter",
        "fetches",
        "interpreter",
        "own-language",
        "tool-box",
        "has-subcommands",
        "needs-toolchain",
        "starts-as-root",
        "steps-down",
    ],
};
const POINT: Enum = Enum {
    name: "Pointless",
    words: &["shows", "interactive", "stops", "signals", "mounts", "connects", "starts", "systemd"],
};
