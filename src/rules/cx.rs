use crate::text::Span;

/// What a rule sees and where it reports to.
pub struct Cx {
    /// What was reported.
    pub reports: Vec<(Span, String)>,
}
