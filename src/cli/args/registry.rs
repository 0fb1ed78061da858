//! The words that say how registries are asked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::registry::Access;

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Registries")]
pub(in crate::cli) struct RegistryArgs {
    /// The file with the logins at registries [default: docker's config.json, else podman's auth.json]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) registry_config: Option<PathBuf>,
    /// Ask this registry without TLS, wherever it is; may be repeated
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(in crate::cli) plain_http: Vec<String>,
    /// Ask this host although its address is not public; hosts that you are logged in to are asked anyway; may be repeated
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(in crate::cli) private_host: Vec<String>,
    /// Ask MIRROR instead of REGISTRY: docker.io=mirror.example.com/hub; may be repeated
    #[arg(long, value_name = "REGISTRY=MIRROR", value_parser = mirror)]
    pub(in crate::cli) mirror: Vec<(String, String)>,
}

fn mirror(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(registry, mirror)| !registry.is_empty() && !mirror.is_empty());
    let (registry, mirror) = pair.ok_or("write it as in docker.io=mirror.example.com/hub")?;
    if mirror.contains("://") {
        return Err("a mirror is written without https://".to_owned());
    }
    Ok((registry.to_owned(), mirror.to_owned()))
}

impl RegistryArgs {
    /// What may be asked. `named` are the registries of images that the command line names: a host of its own machine
    /// is then meant, and is plain.
    pub(in crate::cli) fn access<'n>(&self, named: impl IntoIterator<Item = &'n str>) -> Access {
        let mirrors = BTreeMap::from_iter(self.mirror.iter().cloned());
        let mut access = Access {
            plain: self.plain_http.clone(),
            private: self.private_host.clone(),
            config: self.registry_config.clone(),
            mirrors,
        };
        for registry in named {
            let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
            match matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
                true => access.plain.push(registry.to_owned()),
                false => access.private.push(registry.to_owned()),
            }
        }
        access
    }
}
