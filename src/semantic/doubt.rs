//! Why the manifests of a project may not be all that an install reads.

/// Why a COPY of the manifests may not be enough for an install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody knows what the build context holds.
    NoContext,
    /// A manifest is too large, or no text of its format.
    Unread,
    /// Files and folders beside the manifests have a say: paths of the context.
    Beside(Vec<String>),
    /// A manifest names files or folders of the project.
    Local,
    /// Scripts of these names in `package.json` run at the install.
    Scripts(Vec<&'static str>),
    /// Prisma reads its schema when it is installed.
    Prisma,
    /// Each member of the workspace has a manifest, and they are not listed one by one.
    Members,
    /// Projects of .NET reference each other.
    Projects,
    /// The context has installed packages in this folder, which the COPY would lay over the new ones.
    Overlay(&'static str),
    /// The ignore file leaves some of the files out.
    LeftOut,
}
