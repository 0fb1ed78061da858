//! The parser and the model: any bytes are read, to the last one, with places that exist.
#![no_main]

use dlint_fuzz::{assert_file, assert_place, semantic::Model, syntax, text::Source};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // What holds a NUL byte is no text, and is refused.
    let Ok(source) = Source::from_bytes("Dockerfile", bytes.to_vec()) else { return };
    let model = Model::new(syntax::parse(source));
    assert_file(&model.file);
    for command in model.scripts.iter().flat_map(|s| &s.script.commands) {
        assert_place(model.file.text(), command.span);
        for word in &command.words {
            assert_place(model.file.text(), word.span);
        }
    }
});
