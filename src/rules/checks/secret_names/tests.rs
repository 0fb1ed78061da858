use super::*;

#[test]
fn what_is_to_be_filled_in_is_no_secret() {
    for text in
        ["@TOKEN@", "%TOKEN%", "<your token>", "{{ .Token }}", "__TOKEN__", "[token]", "changeme", "xxxx"]
    {
        assert!(!is_secret("NPM_TOKEN", text), "{text}");
    }
    for text in ["@a$b@", "%", "k3J9fQ2xLm8RtY5w", "tr%ub4dor", "<>"] {
        assert_eq!(is_secret("NPM_TOKEN", text), text.contains(char::is_alphanumeric), "{text}");
    }
}

#[test]
fn a_phrase_says_that_it_is_no_secret() {
    for text in [
        "dev-secret-do-not-use-in-production",
        "development-only-secret",
        "test-key-123",
        "local_dev_password",
        "ChangeMe please",
        "CAFEBABE",
        "0xdeadbeef",
        "DEADBEEFCAFEBABE",
    ] {
        assert!(!is_secret("JWT_SECRET", text), "{text}");
    }
    for text in [
        "dev-Kq8vT2",
        "my-super-secret",
        "test-20391",
        "prod-secret-key",
        "dev-horse",
        "CAFEBAB1",
        "deadbeef01234567",
    ] {
        assert!(is_secret("JWT_SECRET", text), "{text}");
    }
}

#[test]
fn the_path_of_a_key_is_none() {
    for text in [
        "~/.ssh/id_rsa",
        "id_rsa",
        "/id_ed25519",
        "./server",
        "../keys/deploy",
        "secrets/db_password",
        ".netrc",
        "/root/.ssh/deploy",
        "~/deploy",
        "certs/a/server",
    ] {
        assert!(!is_secret("SSH_KEY", text), "{text}");
    }
    for text in ["id_rsa2!", "~hunter2", "abc/def", "/hunter2", "secrets/", "keys7", "a/id_rsa+"] {
        assert!(is_secret("SSH_KEY", text), "{text}");
    }
}

#[test]
fn names_follow_buildkit() {
    for name in ["TOKEN", "github_token", "DB_PASSWORD", "AUTH_URL", "API_KEY_ID", "KEY", "CREDENTIALS"] {
        assert!(sounds_secret(name), "{name}");
    }
    for name in ["TOKENS", "KEYBOARD", "PASSWORD_FILE", "PUBLIC_KEY", "TOKEN_VERSION", "AUTHOR", ""] {
        assert!(!sounds_secret(name), "{name}");
    }
}
