//! Where a report comes from.

/// Where a report comes from, for those whom it is sent to.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The folder of the project: `shop`.
    pub project: Option<String>,
    /// The commit that is checked out, shortened.
    pub commit: Option<String>,
    /// The command that wrote it.
    pub command: String,
}
