/// FNV-1a of `parts`, each ended by a zero byte: the same on every machine and in every release.
///
/// # Examples
/// ```
/// # use dlint::internals::text::fnv;
/// assert_eq!(fnv(["a"]), 0x089b_e207_b544_f1e4);
/// assert_ne!(fnv(["a", "b"]), fnv(["ab"]));
/// ```
pub fn fnv<'a>(parts: impl IntoIterator<Item = &'a str>) -> u64 {
    let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
