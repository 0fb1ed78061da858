//! The projects of `testdata/`, as a user lints them.
