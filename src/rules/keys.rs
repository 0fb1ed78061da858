//! The options of the rules, by rule. Made from `rules/*.md` by a test: `DLINT_BLESS=1 cargo test --lib rules::`.

#[rustfmt::skip]
pub(crate) mod cache_left_in_layer {
    use crate::rules::Key;

    pub(crate) const CACHE_MOUNTS: Key<bool> =
        Key { rule: "cache-left-in-layer", name: "cache-mounts", default: false };
}

#[rustfmt::skip]
pub(crate) mod shellcheck {
    use crate::rules::Key;

    pub(crate) const SEVERITY: Key<&'static str> =
        Key { rule: "shellcheck", name: "severity", default: "style" };
}
