pub(super) fn write(
    _: &mut dyn std::io::Write,
    _: &crate::diag::RunReport,
    _: &super::Rules<'_>,
    _: &super::Style,
) -> std::io::Result<()> {
    Ok(())
}
/// A saving in words: `312 MB (measured, build context)`.
pub(super) fn saving(saving: &crate::diag::Saving) -> String {
    let (bytes, how) = (crate::diag::format_bytes(saving.bytes), saving.how.name());
    format!("{bytes} ({how}, {})", saving.source)
}
