use std::cell::RefCell;

use crate::diag::{Finding, Origin, Severity};
use crate::semantic::{Analysis, CommandId};
use crate::size::{AptInstall, BaseImages, apt_install};
use crate::text::Span;

use super::meta::{FixKind, RuleMeta};
use super::options::Options;
use super::policy::Policy;

/// What all rules get, beside the model.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// What images have to be like.
    pub policy: &'a Policy,
    /// What base images weigh.
    pub base_images: &'a BaseImages,
    /// What the installs of apt add, in the order of the file.
    pub apt_installs: &'a [AptInstall<'a>],
    /// What was chosen besides.
    pub chosen: Chosen,
}

/// What of the choice of rules others than those that are chosen go by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chosen {
    /// Whether BuildKit's checks were asked for, and nothing else: then a rule says what its check says.
    pub docker_check: bool,
    /// Whether `missing-program` is on.
    pub missing_program: bool,
}

/// What a rule sees, and where it reports to.
pub struct Cx<'a> {
    /// What the Dockerfile means.
    pub model: &'a Analysis,
    /// The rule's options.
    pub options: Options<'a>,
    /// What images have to be like.
    pub policy: &'a Policy,
    /// What base images weigh.
    pub base_images: &'a BaseImages,
    /// What the installs of apt add, in the order of the file.
    pub apt_installs: &'a [AptInstall<'a>],
    /// What was chosen besides the rule.
    pub chosen: Chosen,
    meta: &'a RuleMeta,
    severity: Severity,
    findings: RefCell<&'a mut Vec<Finding>>,
}

impl<'a> Cx<'a> {
    pub(crate) const fn new(
        model: &'a Analysis,
        meta: &'a RuleMeta,
        options: Options<'a>,
        Given { policy, base_images, apt_installs, chosen }: Given<'a>,
        severity: Severity,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        Self {
            model,
            options,
            policy,
            base_images,
            apt_installs,
            chosen,
            meta,
            severity,
            findings: RefCell::new(findings),
        }
    }

    /// What an install of apt adds, where that is known.
    #[must_use]
    pub fn apt_install(&self, id: CommandId) -> Option<&'a AptInstall<'a>> {
        apt_install(self.apt_installs, id)
    }

    /// The name of the rule that runs.
    #[must_use]
    pub fn rule_name(&self) -> &'a str {
        &self.meta.name
    }

    /// How far its fixes can be trusted.
    #[must_use]
    pub const fn fix_kind(&self) -> FixKind {
        self.meta.fix
    }

    /// A finding of this rule at `span` of the Dockerfile. It counts once it is [reported](Self::report).
    #[must_use]
    pub fn at(&self, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(self.meta.name.clone(), self.severity, span, message)
    }

    /// A finding of this rule at `span` of the ignore file.
    #[must_use]
    pub fn in_ignore_file(&self, span: Span, message: impl Into<String>) -> Finding {
        self.at(span, message).in_file(Origin::Ignorefile)
    }

    /// Reports a finding. The rule's file must declare a fix that can be trusted as far as that of the finding.
    pub fn report(&self, finding: Finding) {
        debug_assert!(
            finding.fix.as_ref().is_none_or(|fix| self.meta.fix.covers(fix.applicability)),
            "{} offers a fix that its file does not declare",
            self.meta.name
        );
        self.findings.borrow_mut().push(finding);
    }
}
