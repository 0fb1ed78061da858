//! Whom to trust: what `SSL_CERT_FILE` names, else the certificates of the system, else those that dlint has.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use super::error::Fault;

/// Where systems keep them: Debian and Alpine, Fedora, openSUSE, Alpine and the BSDs, Fedora anew.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];
/// A bundle is no larger.
const MAX_BYTES: u64 = 16 << 20;

/// The roots, from the environment and the disk.
pub(super) fn roots() -> Result<RootCerts, Fault> {
    if let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        let found = bundle(Path::new(&path));
        return found.ok_or_else(|| Fault::Tls("SSL_CERT_FILE names no file with certificates".to_owned()));
    }
    Ok(BUNDLES.iter().find_map(|path| bundle(Path::new(path))).unwrap_or(RootCerts::WebPki))
}

fn bundle(path: &Path) -> Option<RootCerts> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(MAX_BYTES).read_to_end(&mut text).ok()?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    (!certificates.is_empty()).then(|| RootCerts::new_with_certs(&certificates))
}
