//! Checks of certificates and signatures that are turned off.

use crate::knowledge::Unchecked;
use crate::rules::Cx;

/// `certificate-check-off`.
pub fn certificate(cx: &mut Cx<'_>) {
    for off in cx.model.checks_off(Unchecked::Certificate) {
        let message = match (&off.program, off.stays) {
            (Some(program), _) => {
                format!(
                    "with this, `{program}` takes any server for the right one, so that others can change what comes"
                )
            }
            (None, true) => {
                "with this, any server passes for the right one, in the build and in every container"
                    .to_owned()
            }
            (None, false) => {
                "with this, any server passes for the right one, so that others can change what comes"
                    .to_owned()
            }
        };
        let help = "install `ca-certificates`, or copy the certificate of your own authority and name it to the program";
        cx.report(cx.at(off.span, message).help(help).alias(off.alias));
    }
}

/// `signature-check-off`.
pub fn signature(cx: &mut Cx<'_>) {
    for off in cx.model.checks_off(Unchecked::Signature) {
        let message = match &off.program {
            Some(program) => format!("with this, `{program}` installs packages whoever made them"),
            None => "with this, packages are installed whoever made them".to_owned(),
        };
        let help =
            "add the key that signs the packages, or compare the checksum of a file that nobody signed";
        cx.report(cx.at(off.span, message).help(help).alias(off.alias));
    }
}
