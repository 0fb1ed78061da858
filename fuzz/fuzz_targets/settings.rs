//! Settings: `dlint.toml` and users' rules (TOML), `.hadolint.yaml` (YAML). All faults have places that exist, and
//! what hadolint's settings become is a `dlint.toml` without a fault.
#![no_main]

use std::sync::{Arc, LazyLock};

use dlint_fuzz::assert_place;
use dlint_fuzz::config::{self, hadolint};
use dlint_fuzz::rules::Catalogue;
use dlint_fuzz::text::{toml, yaml};

// Made once, since that takes longer than reading.
static RULES: LazyLock<Arc<Catalogue>> = LazyLock::new(Arc::default);

libfuzzer_sys::fuzz_target!(|text: &str| {
    let place = |fault: &toml::Fault| assert_place(text, fault.span);
    config::parse(text, Arc::clone(&RULES)).1.iter().for_each(place);
    if let Err(fault) = yaml::parse(text) {
        place(&fault);
    }
    let (said, faults) = hadolint::read(text);
    faults.iter().for_each(place);
    drop(said.config(Arc::clone(&RULES)));
    if faults.is_empty() {
        let moved = hadolint::moved(&said, text, ".hadolint.yaml");
        assert_eq!(config::parse(&moved, Arc::clone(&RULES)).1, [], "{moved}");
    }
});
