//! Messages as they travel: a header that says how long they are, and JSON.

use std::io::{self, BufRead, Read as _, Write};

/// The longest message that is read. A text of 16 MiB fits, whatever of it JSON has to escape as two characters.
pub(super) const MAX_MESSAGE: u64 = 64 << 20;

/// The longest piece of a line of a header that is looked at.
const MAX_LINE: u64 = 4 << 10;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The bytes of a message.
    Body(Vec<u8>),
    /// Something else, and what is wrong with it. What comes next is looked for behind it.
    Broken(String),
}

/// Reads the next message; nothing at the end. No more memory is taken than there are bytes.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(line.trim_ascii()).to_ascii_lowercase();
        // In front of it may stand what is left of a message whose length was wrong.
        if let Some((_, value)) = line.rsplit_once("content-length:") {
            let Ok(value) = value.trim().parse::<u64>() else {
                return Ok(Some(Frame::Broken("the length of a message is not a number".to_owned())));
            };
            length = Some(value);
        }
        if line.is_empty()
            && let Some(length) = length
        {
            return body(input, length);
        }
    }
}

fn body(input: &mut impl BufRead, length: u64) -> io::Result<Option<Frame>> {
    let mut rest = input.by_ref().take(length);
    if length > MAX_MESSAGE {
        let passed = io::copy(&mut rest, &mut io::sink())?;
        let broken = || Frame::Broken("a message is longer than 64 MiB".to_owned());
        return Ok((passed == length).then(broken));
    }
    let mut bytes = Vec::new();
    let read = rest.read_to_end(&mut bytes)?;
    Ok((read as u64 == length).then_some(Frame::Body(bytes)))
}

/// Writes a message.
pub(super) fn write(output: &mut impl Write, message: &serde_json::Value) -> io::Result<()> {
    let body = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Frame> {
        let mut input = bytes;
        std::iter::from_fn(|| read(&mut input).unwrap()).collect()
    }

    #[test]
    fn messages_are_found_again_behind_what_is_broken() {
        let body = |text: &str| Frame::Body(text.as_bytes().to_vec());
        let good = "Content-Length: 2\r\n\r\n{}";
        assert_eq!(all(good.as_bytes()), [body("{}")]);
        assert_eq!(all(format!("content-type: x\ncontent-length:2\n\n{{}}{good}").as_bytes()).len(), 2);
        for broken in ["-1", "x", "99999999999999999999999", ""] {
            let frames = all(format!("Content-Length: {broken}\r\n\r\n{{\"a\":1}}{good}").as_bytes());
            assert!(
                matches!(&frames[..], [Frame::Broken(_), last] if *last == body("{}")),
                "{broken}: {frames:?}"
            );
        }
        let frames = all(format!("{}\n{good}", "x".repeat(100_000)).as_bytes());
        assert_eq!(frames, [body("{}")]);
        assert_eq!(all(b"Content-Length: 100\r\n\r\n{}"), []);
        assert_eq!(all(b"Content-Length: 2"), []);
    }

    #[test]
    fn a_message_that_is_too_long_is_passed_over() {
        let mut bytes = format!("Content-Length: {}\r\n\r\n", MAX_MESSAGE + 1).into_bytes();
        bytes.resize(bytes.len() + usize::try_from(MAX_MESSAGE).unwrap() + 1, b' ');
        bytes.extend_from_slice(b"Content-Length: 1\r\n\r\n1");
        let frames = all(&bytes);
        assert!(matches!(&frames[..], [Frame::Broken(_), Frame::Body(_)]), "{}", frames.len());
        // A length that nothing follows takes no memory.
        assert_eq!(all(b"Content-Length: 18446744073709551615\r\n\r\n{}"), []);
    }
}
