//! A short number for the contents of a file: equal contents have equal ones. Whoever makes files on purpose
//! that share one is only told that they are equal; nothing depends on it but words in a report.

/// What the next chunks are folded into.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fingerprint {
    /// Independent of each other, so that the processor works on all of them at once.
    lanes: [u64; 4],
    bytes: u64,
    /// The start of a block of which the rest has not come yet.
    rest: [u8; BLOCK],
    held: usize,
}

const WORD: usize = 8;
const BLOCK: usize = 4 * WORD;
/// Odd numbers with about as many ones as zeros.
const KEYS: [u64; 4] =
    [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03, 0xa24b_aed4_963e_e407, 0x8ebc_6af0_9c88_c6e3];

impl Fingerprint {
    pub(super) const fn new() -> Self {
        Self { lanes: KEYS, bytes: 0, rest: [0; BLOCK], held: 0 }
    }

    /// Takes the next chunk, of any length.
    pub(super) fn write(&mut self, mut chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        if self.held > 0 {
            let (first, more) = chunk.split_at(chunk.len().min(BLOCK - self.held));
            self.rest[self.held..][..first.len()].copy_from_slice(first);
            self.held += first.len();
            chunk = more;
            if self.held < BLOCK {
                return;
            }
            let block = self.rest;
            self.block(&block);
        }
        let (blocks, rest) = chunk.as_chunks::<BLOCK>();
        for block in blocks {
            self.block(block);
        }
        self.rest[..rest.len()].copy_from_slice(rest);
        self.held = rest.len();
    }

    fn block(&mut self, block: &[u8; BLOCK]) {
        let (words, _) = block.as_chunks::<WORD>();
        for ((lane, word), key) in self.lanes.iter_mut().zip(words).zip(KEYS) {
            *lane = fold(*lane ^ u64::from_le_bytes(*word), key);
        }
    }

    pub(super) fn finish(mut self) -> u64 {
        if self.held > 0 {
            let mut block = [0; BLOCK];
            block[..self.held].copy_from_slice(&self.rest[..self.held]);
            self.block(&block);
        }
        self.lanes.iter().zip(KEYS).fold(self.bytes, |sum, (lane, key)| fold(sum ^ lane, key).rotate_left(23))
    }
}

/// A product, its upper half put on its lower: each bit of the factors reaches all of it.
#[allow(clippy::cast_possible_truncation, reason = "the halves of a product")]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn of(bytes: &[u8]) -> u64 {
        let mut fingerprint = Fingerprint::new();
        bytes.chunks(1024).for_each(|chunk| fingerprint.write(chunk));
        fingerprint.finish()
    }

    #[test]
    fn equal_contents_and_no_others_have_equal_ones() {
        let mut seen = HashSet::new();
        for length in 0..3000 {
            assert!(seen.insert(of(&vec![0; length])), "{length} zeros");
        }
        // One bit anywhere makes another number.
        let mut bytes = vec![0xa5; 3000];
        for at in 0..bytes.len() {
            bytes[at] ^= 1 << (at % 8);
            assert!(seen.insert(of(&bytes)), "{at}");
            bytes[at] ^= 1 << (at % 8);
        }
        // So does the order of blocks and of words.
        let ordered: Vec<u8> = (0..=255).collect();
        let mut words = ordered.clone();
        words.swap(0, 8);
        let blocks = [&ordered[32..64], &ordered[..32], &ordered[64..]].concat();
        for bytes in [&ordered, &words, &blocks] {
            assert!(seen.insert(of(bytes)));
        }
        // Where chunks end does not count.
        for length in 1..100 {
            let mut fingerprint = Fingerprint::new();
            bytes.chunks(length).for_each(|chunk| fingerprint.write(chunk));
            assert_eq!(fingerprint.finish(), of(&bytes), "{length}");
        }
    }
}
