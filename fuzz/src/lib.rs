//! What the fuzz targets need of dlint, and what several of them hold true.

// The one place that says how the inside of dlint is reached.
pub use dlint::internals::{config, diag, engine, image, rules, semantic, shell, syntax, text};

use config::{Config, Settings};
use rules::{Catalogue, Choice};
use std::path::Path;
use syntax::File;
use text::Span;

/// Fails unless `span` covers whole characters of `text`.
pub fn assert_place(text: &str, span: Span) {
    assert!(span.start <= span.end && text.get(span.range()).is_some(), "{span:?} of {} bytes", text.len());
}

/// Fails unless the pieces of a Dockerfile tile its text, and all that it says lies in it.
pub fn assert_file(file: &File) {
    let text = file.text();
    let mut at = 0;
    for item in &file.items {
        assert_eq!(item.span.start, at, "items tile the text");
        assert_place(text, item.span);
        at = item.span.end;
    }
    assert_eq!(at as usize, text.len(), "items reach the end");
    for instruction in &file.instructions {
        let own = [instruction.span, instruction.keyword_span, instruction.arguments];
        let flags = instruction.flags.iter().map(|f| f.value_span);
        let heredocs = instruction.heredocs.iter().flat_map(|h| [h.marker, h.body]);
        for span in own.into_iter().chain(flags).chain(heredocs) {
            assert_place(text, span);
        }
    }
    for pair in file.instructions.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "instructions do not overlap");
    }
    for error in &file.errors {
        assert_place(text, error.span);
    }
    assert!(file.errors.is_sorted_by_key(|e| e.span), "errors are in the order of the text");
}

/// Settings with all rules on.
pub fn all_rules() -> Settings {
    let all = Catalogue::default().select("all").expect("the name of all rules");
    let choice = Choice { select: Some(vec![all]), ..Choice::default() };
    Config::default().settings(Path::new("Dockerfile"), &choice, None)
}
