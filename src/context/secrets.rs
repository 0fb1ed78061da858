//! Files that look like secrets, by name and, where a name says too little, by their first bytes.

use super::model::SecretKind;

/// How many bytes at a file's start are looked at.
pub(super) const PROBE_BYTES: usize = 4096;

/// What a file's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suspicion {
    /// The name alone is enough.
    Sure(SecretKind),
    /// It is one if the content confirms it.
    Maybe(SecretKind, Proof),
}

/// What the first bytes must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    PrivateKey,
    NpmToken,
    DockerAuths,
    ServiceAccount,
    KubeConfig,
    PypiPassword,
    Password,
    AwsKey,
    State,
    Assignment,
}

/// What the name of the file at `path` (relative, with `/`) says.
pub(super) fn suspect(path: &[u8]) -> Option<Suspicion> {
    use SecretKind as K;
    use Suspicion::{Maybe, Sure};
    let at = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
    let (before, name) = path.split_at(at.min(path.len()));
    let within = |folder: &[u8]| {
        before
            .strip_suffix(b"/")
            .and_then(|b| b.strip_suffix(folder))
            .is_some_and(|b| b.is_empty() || b.ends_with(b"/"))
    };
    match name {
        b".npmrc" | b".yarnrc" | b".yarnrc.yml" => return Some(Maybe(K::RegistryLogin, Proof::NpmToken)),
        b".pypirc" => return Some(Maybe(K::RegistryLogin, Proof::PypiPassword)),
        b".netrc" | b"_netrc" => return Some(Maybe(K::HostPasswords, Proof::Password)),
        b".git-credentials" | b".pgpass" | b".htpasswd" => return Some(Sure(K::HostPasswords)),
        b"id_rsa" | b"id_dsa" | b"id_ecdsa" | b"id_ed25519" | b"id_ecdsa_sk" | b"id_ed25519_sk" => {
            return Some(Maybe(K::PrivateKey, Proof::PrivateKey));
        }
        b".dockercfg" => return Some(Maybe(K::RegistryLogin, Proof::DockerAuths)),
        b"config.json" if within(b".docker") => return Some(Maybe(K::RegistryLogin, Proof::DockerAuths)),
        b"credentials" if within(b".aws") => return Some(Maybe(K::CloudCredentials, Proof::AwsKey)),
        b"config" if within(b".kube") => return Some(Maybe(K::ClusterConfig, Proof::KubeConfig)),
        b"kubeconfig" | b"kubeconfig.yaml" | b"kubeconfig.yml" => {
            return Some(Maybe(K::ClusterConfig, Proof::KubeConfig));
        }
        b"application_default_credentials.json" => {
            return Some(Sure(K::CloudCredentials));
        }
        b"terraform.tfstate" | b"terraform.tfstate.backup" => {
            return Some(Maybe(K::InfrastructureState, Proof::State));
        }
        _ => {}
    }
    if name.starts_with(b".env") {
        // Values for tests guard nothing.
        let example = [
            &b"example"[..],
            b"sample",
            b"template",
            b"dist",
            b"tmpl",
            b"defaults",
            b"schema",
            b"ci",
            b"test",
            b"testing",
        ];
        let rest = name.get(4..).unwrap_or_default();
        let is_env = rest.is_empty() || rest.starts_with(b".");
        let is_example = rest.split(|b| matches!(b, b'.' | b'-' | b'_')).any(|part| example.contains(&part));
        return (is_env && !is_example).then_some(Maybe(K::Environment, Proof::Assignment));
    }
    let dot = name.iter().rposition(|b| *b == b'.')?;
    match name.get(dot + 1..).unwrap_or_default() {
        b"pem" | b"key" | b"ppk" | b"asc" | b"gpg" | b"pgp" => Some(Maybe(K::PrivateKey, Proof::PrivateKey)),
        b"kdbx" | b"p12" | b"pfx" | b"jks" | b"keystore" => Some(Sure(K::KeyStore)),
        b"kubeconfig" => Some(Maybe(K::ClusterConfig, Proof::KubeConfig)),
        b"tfstate" => Some(Maybe(K::InfrastructureState, Proof::State)),
        b"json" => {
            let stem = name.get(..dot).unwrap_or_default();
            let parts = [
                &b"service"[..],
                b"account",
                b"credential",
                b"credentials",
                b"key",
                b"gcp",
                b"gcloud",
                b"google",
                b"firebase",
                b"sa",
            ];
            stem.split(|b| !b.is_ascii_alphanumeric())
                .any(|part| {
                    parts.iter().any(|p| p.eq_ignore_ascii_case(part))
                        || part.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"service"))
                })
                .then_some(Maybe(K::CloudCredentials, Proof::ServiceAccount))
        }
        _ => None,
    }
}

/// What a file is by its path alone (with `/`), where hardly anything else is called so.
#[must_use]
pub fn secret_by_name(path: &str) -> Option<SecretKind> {
    match suspect(path.as_bytes())? {
        Suspicion::Maybe(kind, Proof::Password | Proof::DockerAuths | Proof::AwsKey | Proof::KubeConfig) => {
            Some(kind)
        }
        // A `.env` that a repository leaves out is one of values.
        Suspicion::Maybe(kind, Proof::Assignment) => Some(kind),
        // A `.pem` is more often a certificate.
        Suspicion::Maybe(kind, Proof::PrivateKey) => (!path.contains('.')).then_some(kind),
        Suspicion::Sure(SecretKind::KeyStore) | Suspicion::Maybe(..) => None,
        // Hashes of passwords are made to be read by the server.
        Suspicion::Sure(kind) => (!path.ends_with(".htpasswd")).then_some(kind),
    }
}

/// Whether the first bytes of a file confirm the suspicion.
pub(super) fn confirms(proof: Proof, start: &[u8]) -> bool {
    let has = |needle: &[u8]| start.windows(needle.len()).any(|w| w == needle);
    match proof {
        Proof::PrivateKey => {
            // `PRIVATE KEY BLOCK` is what OpenPGP calls it.
            has(b"PRIVATE KEY-----") || has(b"PRIVATE KEY BLOCK-----") || has(b"PuTTY-User-Key-File")
        }
        // `_authToken=${NPM_TOKEN}` gives nothing away.
        Proof::NpmToken => start.split(|b| *b == b'\n').any(|line| {
            let has = |needle: &[u8]| line.windows(needle.len()).any(|w| w == needle);
            (has(b"_authToken") || has(b"_auth=") || has(b"_password") || has(b"npmAuthToken")) && !has(b"${")
        }),
        Proof::DockerAuths => has(b"\"auth\"") || has(b"identitytoken"),
        Proof::ServiceAccount => has(b"\"private_key\"") || has(b"\"client_secret\""),
        Proof::KubeConfig => {
            has(b"client-key-data") || has(b"token:") || has(b"password:") || has(b"client-key:")
        }
        Proof::PypiPassword => has(b"password"),
        Proof::Password => has(b"password"),
        Proof::AwsKey => has(b"aws_secret_access_key") || has(b"aws_session_token"),
        Proof::State => has(b"\"version\"") || has(b"\"resources\""),
        // The defaults that Symfony's recipes write into it are committed, and the framework reads them.
        Proof::Assignment if has(b"###> symfony/") => false,
        // An empty `.env`, or one that only names a driver or a port, gives nothing away.
        Proof::Assignment => start.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).any(|line| {
            let Some(at) = line.iter().position(|b| *b == b'=') else { return false };
            let (name, value) = line.split_at(at);
            let value = value.get(1..).unwrap_or_default();
            !line.starts_with(b"#") && (is_private(name) && is_given(value) || has_password(value))
        }),
    }
}

/// Ends of words in the names of variables that hold secrets.
const PRIVATE: [&[u8]; 11] = [
    b"apikey",
    b"auth",
    b"credential",
    b"credentials",
    b"dsn",
    b"key",
    b"pass",
    b"password",
    b"salt",
    b"secret",
    b"token",
];

/// True for the name of a variable that sounds like a secret: `DB_PASSWORD`, `APP_KEY`.
fn is_private(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let parts = || name.split(|b| !b.is_ascii_alphanumeric());
    let about = parts().any(|part| matches!(part, b"public" | b"file" | b"path" | b"url" | b"id" | b"name"));
    !about && parts().any(|part| PRIVATE.iter().any(|word| part.ends_with(word)))
}

/// True for a value that somebody has set, and that is no placeholder.
fn is_given(value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    let mut words = value.split(|b| matches!(b, b'"' | b'\'' | b' ' | b'\t'));
    let first = words.find(|word| !word.is_empty()).unwrap_or_default();
    let common: [&[u8]; 10] =
        [b"null", b"none", b"true", b"false", b"secret", b"password", b"pass", b"changeme", b"root", b"test"];
    let has = |word: &&[u8]| first.windows(word.len()).any(|part| part == *word);
    let stand_ins: [&[u8]; 6] = [b"changeme", b"example", b"placeholder", b"somerandom", b"dummy", b"your_"];
    // `test123`
    let is_test = first.strip_prefix(b"test").is_some_and(|rest| rest.iter().all(u8::is_ascii_digit));
    !first.is_empty()
        && !matches!(first[0], b'$' | b'<' | b'#' | b'{')
        && !common.contains(&first)
        && !is_test
        // The name of a key in a store, and the path of a file.
        && ![&b"alias/"[..], b"arn:", b"/", b"./", b"../", b"~/"].iter().any(|start| first.starts_with(start))
        && !stand_ins.iter().any(has)
}

/// True for a URL with a password: `postgres://user:password@host/db`.
fn has_password(value: &[u8]) -> bool {
    let Some(at) = value.windows(3).position(|w| w == b"://") else { return false };
    let rest = value.get(at + 3..).unwrap_or_default();
    let end = rest.iter().position(|b| matches!(b, b'/' | b' ' | b'"' | b'\'')).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let Some(host) = authority.iter().rposition(|b| *b == b'@') else { return false };
    // What only this machine can reach guards nothing.
    let at = authority.get(host + 1..).unwrap_or_default();
    let name = at.split(|b| *b == b':').next().unwrap_or_default();
    if [&b"localhost"[..], b"127.0.0.1", b"host.docker.internal"].contains(&name) {
        return false;
    }
    let user = authority.get(..host).unwrap_or_default();
    let colon = user.iter().position(|b| *b == b':');
    colon.is_some_and(|colon| is_given(user.get(colon + 1..).unwrap_or_default()))
}
