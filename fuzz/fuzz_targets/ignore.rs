//! Ignore patterns: all ways to ask about a path give the same answer.
//!
//! The first half of the lines is the ignore file, the rest are paths.
#![no_main]

use dockerignore::{DirState, IgnoreFile, Matcher, verdicts};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (head, paths) = lines.split_at(lines.len().div_ceil(2));
    let head = head.concat();
    let file = IgnoreFile::parse(&head);
    for pattern in file.patterns() {
        assert!(head.get(pattern.range()).is_some(), "{pattern:?}");
    }
    for error in file.errors() {
        assert!(head.get(error.range()).is_some(), "{error:?}");
    }
    let matcher = Matcher::new(&file);
    for path in paths.iter().map(|line| dockerignore::filepath::clean(line.trim_end())) {
        if path.starts_with(['/', '.']) {
            continue;
        }
        let verdict = matcher.verdict(path.as_bytes());
        // A walk from the root down to the path, folder by folder.
        let mut state: DirState = matcher.root();
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let folder = &path.as_bytes()[..end];
            let (walked, below) = matcher.enter(state, folder);
            if end == path.len() {
                assert_eq!(walked.is_excluded(), verdict.is_excluded(), "{path:?} of {head:?}");
            } else if walked.is_excluded() && matcher.can_prune(folder) {
                assert!(verdict.is_excluded(), "{path:?} is in a folder that is left out by {head:?}");
                break;
            }
            state = below;
        }
        if let Ok(answer) = verdicts(&head, &[&path]) {
            assert_eq!(answer, [verdict.is_excluded()], "{path:?} of {head:?}");
        }
    }
});
