//! `copied-twice`: files that are in the image already.

use crate::diag::{Part, Saving, format_bytes};
use crate::rules::Cx;

use super::cleanup::WORTHWHILE;

/// `copied-twice`.
pub fn twice(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in model.copies.iter() {
        let Some(stage) = model.stage_of(copy.step).filter(|s| s.in_final_image) else { continue };
        let Some(bytes) = model.measured(copy).filter(|b| *b >= WORTHWHILE) else { continue };
        let (Some(first), Some(last)) = (copy.sources.first(), copy.sources.last()) else { continue };
        let earlier = model.copies_before(stage, copy.step).find(|c| c.holds(copy));
        let Some(earlier) = earlier else { continue };
        let message = format!(
            "{} of these files are already in the image: an earlier COPY put them in the same place",
            format_bytes(bytes)
        );
        let keyword = model.instruction(earlier.step).keyword_span;
        cx.report(
            cx.at(first.span.to(last.span), message)
                .help("drop one of the two, or leave these files out of the first with `--exclude`")
                .label(keyword, "brought here")
                .saving(Saving::measured(bytes, "build context").of(Part::Copied(copy.step))),
        );
    }
}
