//! Checks of certificates and signatures that are turned off.

use crate::knowledge::Unchecked;
use crate::rules::Cx;

/// `certificate-check-off`.
pub fn certificate(cx: &mut Cx<'_>) {
    for off in cx.model.checks_off(Unchecked::Certificate) {
        let message = match (&off.program, off.stays) {
            (Some(program), _) => {
                format!(
                    "this makes `{program}` accept any certificate: anyone on the network path can tamper with the download"
                )
            }
            (None, true) => {
                "this turns off TLS verification in the build and in every container: anyone on the network path can tamper with the data"
                    .to_owned()
            }
            (None, false) => {
                "this turns off TLS verification: anyone on the network path can tamper with the download"
                    .to_owned()
            }
        };
        let help = "install `ca-certificates`, or add your own CA certificate and point the program at it";
        cx.report(cx.at(off.span, message).help(help).alias(off.alias));
    }
}

/// `signature-check-off`.
pub fn signature(cx: &mut Cx<'_>) {
    for off in cx.model.checks_off(Unchecked::Signature) {
        let message = match &off.program {
            Some(program) => {
                format!("this makes `{program}` install packages without checking who signed them")
            }
            None => "this installs packages without checking who signed them".to_owned(),
        };
        let word = cx.model.text(off.span);
        let help = match word.starts_with('-') {
            true => {
                format!("remove `{word}`, and add the key that signs the packages, if it is not there yet")
            }
            false => {
                "add the key that signs the packages, or check the checksum of an unsigned file".to_owned()
            }
        };
        cx.report(cx.at(off.span, message).help(help).alias(off.alias));
    }
}
