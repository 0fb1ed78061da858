pub(super) fn write(_: &mut dyn std::io::Write, _: &crate::diag::RunReport) -> std::io::Result<()> {
    Ok(())
}
