//! What the commands of apk add.

use crate::knowledge::ManagerId;
use crate::text::Span;

use super::super::apk::ApkStep;
use super::runs::{Run, named};
use super::{Component, Estimate, Provenance};

/// How far off the index is, in percent: it rounds files up, and another release has other versions.
const SLACK: (u64, u64) = (25, 10);
const SLACK_RELEASE: u64 = 10;
/// What apk keeps of each install: its database, written anew, and what is made of certificates.
const RECORDS: (u64, (u64, u64)) = (60_000, (5_000, 700_000));
/// The indexes of main and community: of a new release, and the range of all.
const INDEXES: (u64, (u64, u64)) = (2_500_000, (600_000, 4_000_000));

impl Run<'_, '_> {
    /// What the commands of apk in this RUN add together.
    pub(super) fn installed_by_apk(&mut self, step: usize, of: &ApkStep) {
        let source = format!("Alpine package index, {}", ApkStep::date());
        let bytes = of.adds.bytes;
        let slack = SLACK_RELEASE * u64::from(of.apart);
        let around = (SLACK.0 + slack, SLACK.1 + slack);
        let mut estimate = Estimate::around(bytes, around, Provenance::Index, source.clone());
        if of.may_be_less {
            estimate.range = (0, Estimate::around(of.most, around, Provenance::Index, source).range.1);
        }
        let mut what = match of.adds.packages.len() {
            0 if of.removed > 0 => "packages, all of them removed again".to_owned(),
            0 => "packages that are already installed".to_owned(),
            1 => "1 package".to_owned(),
            n => format!("{n} packages"),
        };
        if !of.adds.packages.is_empty() && of.removed > 0 {
            what += &format!(" that stay, {} removed again", of.removed);
        }
        if !of.base_is_known && !of.adds.packages.is_empty() {
            estimate.range.0 = 0;
            what += ", unless the base image has some";
        }
        if !of.adds.packages.is_empty() || of.adds.unknown.is_empty() && !of.hidden && !of.from_elsewhere {
            let packages = of.packages().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
            self.components.push(Component { packages, ..Component::known(what, of.span, estimate) });
        }
        self.records_of_apk(of.span);
        if !of.adds.unknown.is_empty() {
            let mut rest = of.adds.unknown.clone();
            for cmd in self.model.commands_of(step) {
                rest = self.rest_by_index(&cmd, &rest, |names| of.with_more(names));
            }
            if !rest.is_empty() {
                self.unknown(of.span, format!("packages that are not in the index: {}", named(&rest)));
            }
        }
        if of.hidden {
            self.unknown(of.span, "packages named by a file or a variable");
        }
        if of.from_elsewhere {
            self.unknown(of.span, "packages from another repository");
        }
    }

    /// What apk keeps of an install.
    pub(super) fn records_of_apk(&mut self, span: Span) {
        let (bytes, range) = RECORDS;
        let source = "estimated, 2026-11".to_owned();
        let records = Estimate { bytes, range, provenance: Provenance::Index, source };
        self.components.push(Component::known("records kept by apk", span, records));
    }

    /// The indexes that apk leaves in the layer.
    pub(super) fn indexes_of_apk(&mut self, step: usize) {
        let left = self.model.leftovers(step).iter().find(|l| l.manager.id == ManagerId::Apk);
        let Some(left) = left else { return };
        let (bytes, range) = INDEXES;
        let source = "Alpine package indexes, 2025-11".to_owned();
        let estimate = Estimate { bytes, range, provenance: Provenance::Estimated, source };
        let span = left.first(self.model).head_span();
        self.components.push(Component::known("package indexes kept by apk", span, estimate));
    }
}
