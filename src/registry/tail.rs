//! What compressed files say of themselves at their ends.

/// The footer of an xz file.
pub(super) const XZ_FOOTER: u64 = 12;
/// A ZIP archive without a comment ends with that many bytes.
pub(super) const ZIP_END: u64 = 22;
/// No gzip unpacks to more times its size.
const MAX_RATIO: u64 = 1_032;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packed {
    Gzip,
    Xz,
    Zip,
    Zstd,
    Tar,
}

/// By its first bytes.
pub(super) fn kind(head: &[u8]) -> Option<Packed> {
    match head {
        [0x1f, 0x8b, 8, ..] => Some(Packed::Gzip),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packed::Xz),
        [b'P', b'K', 3, 4, ..] => Some(Packed::Zip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packed::Zstd),
        _ if head.get(257..262) == Some(b"ustar") => Some(Packed::Tar),
        _ => None,
    }
}

/// True for what so many bytes may unpack to. Below it the trailer of gzip has wrapped around, or is of the last of
/// several members.
pub(super) const fn is_likely(unpacked: u64, packed: u64) -> bool {
    // The trailer has 32 bits: what is stored in a quarter of that may be more.
    unpacked >= packed && unpacked / MAX_RATIO <= packed && packed <= 1 << 30
}

fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let mut whole = [0; 8];
    whole[..length].copy_from_slice(bytes.get(at..at.checked_add(length)?)?);
    Some(u64::from_le_bytes(whole))
}

/// The length of the index of an xz file, by its footer (The .xz File Format 1.2.1, 2.1.2).
pub(super) fn xz_index(footer: &[u8]) -> Option<u64> {
    if footer.len() != 12 || !footer.ends_with(b"YZ") {
        return None;
    }
    Some((number(footer, 4, 4)? + 1) * 4)
}

/// What the blocks of an xz file unpack to together, by its index (4 of the same).
pub(super) fn xz_unpacked(index: &[u8]) -> Option<u64> {
    let mut rest = index.strip_prefix(&[0])?;
    let count = variable(&mut rest)?;
    let mut sum = 0_u64;
    for _ in 0..count {
        variable(&mut rest)?;
        sum = sum.checked_add(variable(&mut rest)?)?;
    }
    Some(sum)
}

/// A number of up to nine bytes, seven bits in each.
fn variable(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for at in 0..9 {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Where the list of files of a ZIP archive starts, and how long it is (APPNOTE 6.3.10, 4.3.16). One with a comment, or
/// with the larger numbers of ZIP64, tells nothing.
pub(super) fn zip_list(end: &[u8]) -> Option<(u64, u64)> {
    if !end.starts_with(b"PK\x05\x06") {
        return None;
    }
    let (length, first) = (number(end, 12, 4)?, number(end, 16, 4)?);
    (length < u64::from(u32::MAX) && first < u64::from(u32::MAX)).then_some((first, length))
}

/// What the files of a ZIP archive unpack to together, by its list (4.3.12).
pub(super) fn zip_unpacked(list: &[u8]) -> Option<u64> {
    let (mut at, mut sum) = (0_usize, 0_u64);
    while at < list.len() {
        let entry = list.get(at..)?;
        let size = number(entry, 24, 4)?;
        if !entry.starts_with(b"PK\x01\x02") || size == u64::from(u32::MAX) {
            return None;
        }
        sum = sum.checked_add(size)?;
        let more = number(entry, 28, 2)? + number(entry, 30, 2)? + number(entry, 32, 2)?;
        at = at.checked_add(46)?.checked_add(usize::try_from(more).ok()?)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `xz` 5.4 on 70,000 bytes in two blocks: the index and the footer.
    const XZ: [u8; 28] = [
        0x00, 0x02, 0x24, 0x80, 0x80, 0x03, 0x24, 0xf0, 0xa2, 0x01, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0x03,
        0, 0, 0, 0, 0x04, b'Y', b'Z',
    ];

    #[test]
    fn the_index_of_an_xz_file_tells_what_its_blocks_hold() {
        assert_eq!(xz_index(&XZ[16..]), Some(16));
        assert_eq!(xz_unpacked(&XZ[..16]), Some(49_152 + 20_848));
        assert_eq!(xz_unpacked(&[0, 1, 0x24]), None);
        assert_eq!(xz_unpacked(&[0, 0x7f, 1, 1]), None);
        assert_eq!(xz_unpacked(&[0xff; 16]), None);
        assert_eq!(xz_index(b"short"), None);
    }

    #[test]
    fn the_list_of_a_zip_archive_tells_what_its_files_hold() {
        let entry = |name: &str, size: u32| {
            let mut entry = b"PK\x01\x02".to_vec();
            entry.resize(24, 0);
            entry.extend(size.to_le_bytes());
            entry.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            entry.resize(46, 0);
            entry.extend(name.bytes());
            entry
        };
        let list = [entry("a/größe", 7), entry("b", 1_000_000)].concat();
        assert_eq!(zip_unpacked(&list), Some(1_000_007));
        assert_eq!(zip_unpacked(&list[..list.len() - 1]), Some(1_000_007));
        assert_eq!(zip_unpacked(&list[..60]), None);
        assert_eq!(zip_unpacked(&entry("big", u32::MAX)), None);
        let mut end = b"PK\x05\x06".to_vec();
        end.resize(12, 0);
        end.extend(9_u32.to_le_bytes());
        end.extend(5_u32.to_le_bytes());
        end.extend([0, 0]);
        assert_eq!((end.len() as u64, zip_list(&end)), (ZIP_END, Some((5, 9))));
        assert_eq!(zip_list(&end[1..]), None);
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        assert_eq!(kind(&[0x1f, 0x8b, 8, 0]), Some(Packed::Gzip));
        assert_eq!(kind(b"\xfd7zXZ\0\0"), Some(Packed::Xz));
        assert_eq!(kind(b"PK\x03\x04"), Some(Packed::Zip));
        assert_eq!(kind(b"\x7fELF"), None);
        let mut tar = [0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(kind(&tar), Some(Packed::Tar));
        assert!(
            is_likely(10, 10) && !is_likely(9, 10) && !is_likely(11_352, 10) && !is_likely(1 << 31, 1 << 31)
        );
    }
}
