//! What the documents and scripts of a project say of how its containers are run.

/// What commands such as `docker run` are told in a README or a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// True if something is mounted that only root may open in most images: in root's home, or the socket of an engine.
    pub mounts_for_root: bool,
    /// True if whoever runs it gives it his own number: `--user $(id -u)`.
    pub any_user: bool,
    /// True if Kubernetes is spoken of, or there is a folder of what it reads.
    pub kubernetes: bool,
}

impl Told {
    /// What a text says.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut told = Self::default();
        for line in text.lines() {
            told.mounts_for_root |= mounts_for_root(line);
            told.any_user |= gives_own_number(line);
        }
        told.kubernetes = ["ubernetes", "kubectl", "k8s", "K8s", "OpenShift", "openshift"]
            .iter()
            .any(|word| text.contains(word));
        told
    }

    /// What both say.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            mounts_for_root: self.mounts_for_root || other.mounts_for_root,
            any_user: self.any_user || other.any_user,
            kubernetes: self.kubernetes || other.kubernetes,
        }
    }
}

/// The option of a word, and the value that is joined to it.
fn option(word: &str) -> (&str, Option<&str>) {
    word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '(' | ')' | '[' | ']' | ',');
    // `OPTIONS="-v a:b"`
    let begins = |word: &'_ str| word.find("=\"-").or_else(|| word.find("='-")).map_or(0, |at| at + 2);
    line.split_whitespace().map(move |word| word.get(begins(word)..).unwrap_or(word).trim_matches(is_quote))
}

/// True for a line that mounts something for root: `-v ~/.cache:/root/.cache`.
fn mounts_for_root(line: &str) -> bool {
    if !line.contains(":/root") && !line.contains("=/root") && !line.contains(".sock") {
        return false;
    }
    let mut all = words(line).peekable();
    while let Some(word) = all.next() {
        let (name, joined) = option(word);
        let value = joined.or_else(|| all.peek().copied());
        let target = match name {
            "-v" | "--volume" => value.and_then(|value| value.split(':').nth(1)),
            "--mount" => {
                // The first `=` belongs to its own keys where the value is a word of its own.
                let value = word.strip_prefix("--mount=").or(value);
                let mut keys = value.into_iter().flat_map(|value| value.split(',')).filter_map(|key| {
                    key.split_once('=').filter(|(key, _)| matches!(*key, "target" | "dst" | "destination"))
                });
                keys.next().map(|(_, target)| target)
            }
            _ => None,
        };
        if target.is_some_and(|target| is_for_root(target.trim_matches(['"', '\'']))) {
            return true;
        }
    }
    false
}

fn is_for_root(target: &str) -> bool {
    let sockets = ["docker.sock", "podman.sock", "containerd.sock"];
    sockets.iter().any(|socket| target.ends_with(socket)) || target == "/root" || target.starts_with("/root/")
}

/// True for a line that hands over the number of whoever runs it: `-u $(id -u):$(id -g)`, `--user=$UID`.
fn gives_own_number(line: &str) -> bool {
    if !line.contains("id -u") && !line.contains("UID") {
        return false;
    }
    let own = ["$(id -u", "`id -u", "$(shell id -u", "$$(id -u", "$UID", "${UID", "$$UID"];
    ["-u ", "-u=", "--user ", "--user="].iter().any(|option| {
        line.match_indices(option).any(|(at, _)| {
            let starts =
                line[..at].is_empty() || line[..at].ends_with(|c: char| c.is_whitespace() || c == '"');
            let value = line[at + option.len()..].trim_start_matches(['"', '\'', ' ']);
            starts && own.iter().any(|own| value.starts_with(own))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_that_only_root_may_open() {
        for line in [
            "docker run -v ~/.größe:/root/.größe app",
            "    --volume=\"$HOME/.Xauthority:/root/.Xauthority:ro\" \\",
            "OPTIONS=\"-v /var/run/docker.sock:/var/run/docker.sock\"",
            "podman run --mount type=bind,src=a,target=/root/a app",
            "podman run --mount=type=bind,src=a,dst=/root app",
        ] {
            assert!(Told::read(line).mounts_for_root, "{line}");
        }
        for line in [
            "docker run -v /root/.größe:/data app",
            "docker run -v ~/a:/rooted app",
            "docker cp app:/root/a .",
            "docker run -v data:/home/app/root app",
            "curl --unix-socket /var/run/docker.sock http://localhost/info",
        ] {
            assert!(!Told::read(line).mounts_for_root, "{line}");
        }
    }

    #[test]
    fn kubernetes_is_spoken_of() {
        assert!(
            Told::read("## Run it on Kubernetes\n").kubernetes
                && Told::read("kubectl apply -f größe.yaml").kubernetes
        );
        assert!(!Told::read("docker run größe\n").kubernetes);
    }

    #[test]
    fn commands_that_hand_over_ones_own_number() {
        for line in [
            "docker run --rm -u $(id -u):$(id -g) größe",
            "\tdocker run --user=\"$(id -u):$(id -g)\" größe",
            "DOCKER_OPTS=\"--user $$(id -u)\"",
            "docker run --user ${UID} größe",
        ] {
            assert!(Told::read(line).any_user, "{line}");
        }
        for line in [
            "docker run -u 1000 größe",
            "docker build --build-arg UID=$(id -u) .",
            "su -u root; id -u",
            "docker run --user app größe -e UID=$UID",
        ] {
            assert!(!Told::read(line).any_user, "{line}");
        }
    }
}
