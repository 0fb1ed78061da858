//! The rules that need more than a matcher. Each is described in `rules/<name>.md`.

pub mod accounts;
pub mod add;
pub mod apt_cli;
pub mod arguments;
pub mod background;
pub mod base_image;
pub mod bash_words;
mod brought;
pub mod caches;
pub mod carried;
pub mod casing;
pub mod cd;
mod chain;
mod changes;
pub mod checksum;
pub mod chmods;
pub mod clashes;
pub mod cleanup;
pub mod collisions;
pub mod comment;
pub mod copied;
pub mod copy;
pub mod copy_paths;
pub mod data;
pub mod dead_cleanup;
pub mod dev_tools;
pub mod development;
pub mod docker_socket;
pub mod entry;
pub mod entry_files;
pub mod env;
pub mod exec_form;
pub mod existing;
pub mod expose;
pub mod externally_managed;
pub mod fetch;
pub mod frontend;
pub mod full_image;
pub mod git;
mod go_program;
pub mod gpu;
pub mod healthcheck;
pub mod heredoc;
pub mod home;
pub mod http;
pub mod ignore;
pub mod installs;
pub mod instruction;
mod key_paths;
pub mod key_value;
pub mod label;
pub mod layers;
pub mod libc;
pub mod lines;
pub mod locked_image;
pub mod lost_settings;
pub mod made_in_build;
pub mod modes;
pub mod mounts;
mod moved;
pub mod multi_stage;
pub mod needed;
pub mod order;
mod other_versions;
pub mod over_env;
pub mod ownership;
pub mod passwd;
pub mod patterns;
pub mod pins;
pub mod pipe;
pub mod platform;
pub mod poetry;
pub mod pointless;
pub mod policy;
pub mod portability;
pub mod programs;
mod recommended;
pub mod relative_copy;
pub mod root_home;
pub mod runs;
pub mod secret_files;
pub mod secret_names;
pub mod secrets;
pub mod shells;
pub mod slips;
pub mod source;
pub mod stages;
pub mod started;
pub mod starts;
pub mod sudo;
pub mod syntax;
pub mod system_packages;
pub mod template;
pub mod unquoted;
pub mod unread;
mod unshipped;
pub mod updates;
pub mod upgrades;
pub mod user;
mod user_advice;
mod user_number;
pub mod variables;
pub mod verification;
pub mod versions;
pub mod waiting_script;
pub mod waste;
pub mod workdir;

use std::borrow::Borrow;

/// `a, b and c`.
fn all<S: Borrow<str>>(items: &[S]) -> String {
    match items {
        [before @ .., last] if !before.is_empty() => format!("{} and {}", before.join(", "), last.borrow()),
        _ => items.concat(),
    }
}
