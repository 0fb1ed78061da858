//! Finds the end of quoted and bracketed text without recursion.

/// The offset behind the `closer` that ends the construct whose content begins at `at`; the end of
/// `bytes` if it is not closed. Knows quotes, `$( )`, `${ }`, backticks and parentheses, not comments.
pub(super) fn balanced(bytes: &[u8], mut at: usize, closer: u8) -> usize {
    let mut open = vec![closer];
    while let Some(&byte) = bytes.get(at) {
        let Some(&inner) = open.last() else { return at };
        let next = bytes.get(at + 1).copied();
        at += 1;
        match byte {
            b'\\' => at += 1,
            _ if byte == inner => {
                open.pop();
                if open.is_empty() {
                    return at;
                }
            }
            b'$' if next == Some(b'(') => {
                open.push(b')');
                at += 1;
            }
            b'$' if next == Some(b'{') => {
                open.push(b'}');
                at += 1;
            }
            b'`' => open.push(b'`'),
            b'"' => open.push(b'"'),
            b'(' if inner == b')' => open.push(b')'),
            // Within double quotes an apostrophe is text, also in the operand of a `${ }` there.
            b'\'' if inner != b'"' && !(inner == b'}' && open.iter().rev().nth(1) == Some(&b'"')) => {
                let rest = bytes.get(at..).unwrap_or(&[]);
                at = rest.iter().position(|&b| b == b'\'').map_or(bytes.len(), |n| at + n + 1);
            }
            _ => {}
        }
    }
    bytes.len()
}
