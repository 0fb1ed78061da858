//! What nobody else must see.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

/// What nobody must see: it has no text of its own.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// A login at a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Login {
    Password {
        user: String,
        secret: Secret,
    },
    /// A token that is good for other tokens.
    Identity(Secret),
}

impl Login {
    /// The header for a registry that takes a password.
    pub(super) fn basic(&self) -> Option<Secret> {
        let Self::Password { user, secret } = self else { return None };
        Some(Secret(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{}", secret.0)))))
    }
}
