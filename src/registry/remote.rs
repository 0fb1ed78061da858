use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use crate::image::{Blobs, Fault as ImageFault};

use super::error::Fault;
use super::found::Found;
use super::login::{Repository, Session};
use super::web::{Ask, LONG};

/// An image of a registry whose layers are read as they come.
#[derive(Debug)]
pub struct Remote {
    session: Arc<Session>,
    repository: Repository,
    index: Vec<u8>,
    texts: HashMap<String, Arc<Vec<u8>>>,
    sizes: HashMap<String, u64>,
}

impl Remote {
    pub(super) fn new(session: Arc<Session>, found: &Found) -> Self {
        let index = serde_json::json!({
            "schemaVersion": 2,
            "manifests": [{
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": found.manifest,
                "size": found.texts[0].1.len(),
                "annotations": {"io.containerd.image.name": found.name},
            }],
        });
        Self {
            session,
            repository: found.repository.clone(),
            index: index.to_string().into_bytes(),
            texts: found.texts.iter().cloned().collect(),
            sizes: found.layers.iter().map(|layer| (layer.digest.clone(), layer.stored)).collect(),
        }
    }
}

impl Blobs for Remote {
    fn index(&self) -> Vec<u8> {
        self.index.clone()
    }

    fn text(&self, digest: &str) -> Option<Vec<u8>> {
        self.texts.get(digest).map(|text| text.to_vec())
    }

    fn size(&self, digest: &str) -> Option<u64> {
        self.sizes.get(digest).copied()
    }

    fn open(&self, digest: &str) -> Result<Box<dyn Read + Send>, ImageFault> {
        let size = self.size(digest).ok_or_else(|| ImageFault::Missing(digest.to_owned()))?;
        let ask = Ask { time: LONG, ..Ask::of(self.repository.url("blobs", digest)) };
        let answer = self.session.ask(&self.repository, ask).map_err(|fault| said(&fault))?;
        Ok(Box::new(answer.reader(size)))
    }
}

fn said(fault: &Fault) -> ImageFault {
    ImageFault::Io(io::Error::other(fault.to_string()))
}
