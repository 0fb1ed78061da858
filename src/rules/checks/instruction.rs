//! Rules about the choice of instructions.

use crate::rules::Cx;

/// `maintainer-deprecated`.
pub fn maintainer(_cx: &mut Cx) {}
