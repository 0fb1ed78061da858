pub(super) fn write(
    _: &mut dyn std::io::Write,
    _: &crate::diag::RunReport,
    _: &super::Rules<'_>,
    _: &super::Style,
) -> std::io::Result<()> {
    Ok(())
}
