//! What secrets look like: `rules/data/secrets.toml`.

use table::SECRETS;

mod table {
    use super::{Chars, SecretShape};

    include!(concat!(env!("OUT_DIR"), "/secrets.rs"));
}

/// What a kind of secret looks like.
#[derive(Debug)]
pub struct SecretShape {
    /// What it is, with its article.
    pub name: &'static str,
    /// What it starts with.
    pub prefixes: &'static [&'static str],
    /// What may stand between prefix and secret; one of them must, if there are any.
    pub gap: &'static [&'static str],
    /// What it is made of behind that.
    pub chars: Chars,
    /// How many of them at least.
    pub min: usize,
    /// How many of them at most.
    pub max: usize,
}

/// The characters of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Chars {
    Upper,
    Hex,
    Alnum,
    Word,
    Base64,
}

impl Chars {
    /// True if it may have this byte.
    #[must_use]
    pub const fn has(self, b: u8) -> bool {
        match self {
            Self::Upper => b.is_ascii_uppercase() || b.is_ascii_digit(),
            Self::Hex => b.is_ascii_digit() || matches!(b, b'a'..=b'f'),
            Self::Alnum => b.is_ascii_alphanumeric(),
            Self::Word => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'),
            Self::Base64 => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='),
        }
    }
}

/// All kinds of secrets.
#[must_use]
pub const fn secret_shapes() -> &'static [SecretShape] {
    SECRETS
}
