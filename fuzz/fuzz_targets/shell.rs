//! The shell reader: any text is read, with places that exist, and moves with its place in the file.
#![no_main]

use dlint_fuzz::{
    assert_place,
    shell::{Dialect, Script, parse},
    text::Span,
};

/// How far the script stands from the start of a file the second time.
const BASE: u32 = 1000;

fn places(script: &Script) -> Vec<Span> {
    let words = |c: &dlint_fuzz::shell::Command| c.words.iter().map(|w| w.span).collect::<Vec<_>>();
    let commands = script.commands.iter().flat_map(|c| [vec![c.span], words(c)].concat());
    commands.chain(script.error.iter().map(|e| e.span)).collect()
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    for dialect in [Dialect::Posix, Dialect::Bash] {
        let script = parse(text, 0, dialect);
        let here = places(&script);
        here.iter().for_each(|span| assert_place(text, *span));
        let moved: Vec<Span> = here.iter().map(|span| span.shift(BASE)).collect();
        assert_eq!(places(&parse(text, BASE, dialect)), moved, "places follow the base");
        assert!(script.commands.is_sorted_by_key(|c| c.span.start), "commands are in the order of the text");
    }
});
