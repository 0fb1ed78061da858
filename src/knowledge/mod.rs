//! What dlint knows of the world outside of the files: packages, images, programs. The readable form is in
//! `rules/data/`; the build makes static data of it (`generate/`), so that hardly anything is parsed when dlint runs.

mod apt;
mod base_images;
mod base_packages;
mod base_programs;
mod by_name;
mod calls;
mod gone_packages;
mod hadolint;
mod history;
mod images;
mod leftovers;
mod libraries;
mod licenses;
mod managers;
mod numbers;
mod pages;
mod pip;
mod programs;
mod secrets;
mod verification;
mod words;

// The build script's own part, here for its tests.
#[cfg(test)]
mod generate;

pub use apt::{PackageId, PackageIndex, apk_packages, apt_packages};
pub use base_images::{BaseFigure, base_figures, listed_images};
pub use base_packages::base_image_packages;
pub use base_programs::{Lacking, apk_brings, dropped_since, lacking};
pub use calls::{Calls, calls};
pub use gone_packages::gone_package;
pub use hadolint::{Level, hadolint_level, hadolint_levels};
pub use history::history_words;
pub use images::{
    Deprecated, Family, ImageFacts, ImageKind, Product, Suite, deprecation, image_facts, image_names,
    products, suites,
};
pub use leftovers::{Leftover, leftover_kinds};
pub use libraries::{Language, Library, apk_library, apt_library, build_helpers, headers_for};
pub use licenses::{is_spdx_exception, is_spdx_license, spdx_licenses};
pub use managers::{Action, Cache, Manager, ManagerId, Pins, Style, manager, managers};
pub use pages::rule_file;
pub use pip::{WHEELS_DATE, WheelId, wheel};
pub use programs::{
    Pointless, Trait, build_subcommands, debian_package, fetch_subcommands, native_subcommands, pointless,
    program_is,
};
#[cfg(test)]
pub use secrets::Chars;
pub use secrets::{SecretShape, secret_shapes};
pub use verification::{
    CheckSetting, CheckText, CheckVariable, Unchecked, check_options, check_settings, check_texts,
    check_variables,
};
pub use words::{
    ALPINE_GROUPS, ALPINE_USERS, APT_SETUP_SCRIPTS, ARCHIVE_ENDINGS, ASKING_PROGRAMS, BASE_ACCOUNTS,
    BRINGING_WORDS, BROWSER_VARIABLES, BUILD_VARIABLES, BUILDKIT_CHECKS, CGO_MODULES, CODE_ENDINGS,
    COMMON_PROGRAMS, COMPILER_PACKAGES, COMPRESSORS, COPYING_WORDS, DEBIAN_GROUPS, DEBIAN_USERS,
    DEVELOPMENT_WORDS, DOWNLOAD_ENDINGS, ESSENTIAL_PACKAGES, FILES_BESIDE_MANIFESTS, FOLDERS_OF_IMAGES,
    FOLDERS_OF_SYSTEMS, GIT_ADDRESSES, GIT_LOOKS, IMAGES_WITH_COMPILERS, IMAGES_WITH_SHELL,
    IMAGES_WITHOUT_SHELL, INSTALL_SCRIPTS, KEPT_OPTIONS, KEPT_OPTIONS_WITH_VALUE, LISTS_READERS,
    MANAGED_PYTHON_RELEASES, MOVING_CHANNELS, MOVING_REFS, NO_DOCKERFILE_ENDINGS, OPEN_ENDINGS, OTHER_LIBC,
    OTHER_PYTHON, OTHER_SOURCES, OUTPUT_FOLDERS, PACKAGES_OF_PROGRAMS, PARTIAL_OPTIONS, PLACEHOLDERS,
    PLAIN_ENDINGS, PROXY_VARIABLES, QUIET_WGET_OPTIONS, RED_HAT_TAGS, SECRET_ABOUT, SECRET_WORDS, SERVERS,
    SOURCE_VARIABLES, STAND_IN_MARKS, STAND_IN_WORDS, STAND_INS, TAG_VARIANTS, TAR_ENDINGS, TASK_FILES,
    TASK_FOLDERS, TEMPLATE_ENDINGS, TEST_FOLDERS, TEST_RUNNERS, TEST_WORDS, TYPICAL_USERS,
    VARIABLES_OF_SHELLS, VERSION_MANAGERS, WORK_WORDS, WRITTEN_ENDINGS,
};
