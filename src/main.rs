//! The `dlint` program: arguments, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dlint::run_program()
}
