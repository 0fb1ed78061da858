//! Rules about the choice of instructions.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::syntax::Kind;
use crate::text::Edit;

/// `maintainer-deprecated`.
pub fn maintainer(cx: &mut Cx<'_>) {
    for (_, instruction) in cx.model.instructions() {
        let Kind::Maintainer(name) = &instruction.kind else { continue };
        let mut finding = cx
            .at(instruction.keyword_span, "MAINTAINER is deprecated: tools read the label instead")
            .help("write `LABEL org.opencontainers.image.authors=\"NAME <MAIL>\"`");
        if let Some(name) = name.as_ref().filter(|n| n.exact && !n.text.contains(['"', '\\', '$', '`'])) {
            let label = format!("LABEL org.opencontainers.image.authors=\"{}\"", name.text);
            let edit = Edit::replace(instruction.keyword_span.to(name.span), label);
            finding = finding.fix(Fix::safe("use the label", [edit]));
        }
        cx.report(finding);
    }
}
