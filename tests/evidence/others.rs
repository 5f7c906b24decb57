//! The log in the hands of another implementation: Cloudflare's `signed_note` and `tlog_tiles`, on which certificate logs run.

use std::net::SocketAddr;

use lienthong::evidence::proof::text::ProofText;
use lienthong::evidence::tile::unbundle;
use lienthong::store::Query;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Error, Hash, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record,
    prove_tree, record_hash, tree_hash,
};

use super::{delivered, push, vkey};
use crate::support::http;
use crate::support::node::Site;
use crate::support::portal::Portal;

/// The tiles as the node serves them; one may be spoiled on the way.
struct Served {
    address: SocketAddr,
    spoiled: Option<&'static str>,
}

impl Served {
    fn get(&self, path: &str) -> Vec<u8> {
        let answer = http::call(
            self.address,
            "GET",
            path,
            &[("authorization", "Bearer hand")],
            b"",
        );
        assert_eq!(answer.status, 200, "{path}");
        answer.body
    }
}

impl TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = tiles.iter().map(|tile| {
            // Theirs names the height, which C2SP fixes at 8.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            let mut bytes = self.get(&format!("/log/{path}"));
            if self.spoiled.is_some_and(|spoiled| path.starts_with(spoiled)) {
                bytes[33] ^= 1;
            }
            bytes
        });
        Ok(read.collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// A checkpoint as theirs reads it: the signature by the log's verifier key, then size and root.
fn opened(site: &Site, note: &[u8]) -> Checkpoint {
    let verifier = StandardVerifier::new(&vkey(site).to_string()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let note = Note::from_bytes(note).unwrap();
    let (good, unknown) = note.verify(&known).unwrap();
    assert_eq!((good.len(), unknown.len()), (1, 0));
    let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(checkpoint.origin(), site.config().node.name);
    checkpoint
}

fn judge(served: &Served, old: &Checkpoint, new: &Checkpoint, proofs: &[String]) {
    let (size, root) = (new.size(), *new.hash());
    let reader = TileHashReader::new(size, root, served);
    assert_eq!(tree_hash(size, &reader).unwrap(), root);
    // Every leaf is in it, by a path that theirs makes of our tiles.
    let mut leaves = Vec::new();
    for number in 0..size.div_ceil(256) {
        let width = (size - number * 256).min(256);
        let part = if width == 256 {
            String::new()
        } else {
            format!(".p/{width}")
        };
        let bundle = served.get(&format!("/log/tile/entries/{number:03}{part}"));
        leaves.extend(unbundle(&bundle).unwrap());
    }
    assert_eq!(leaves.len() as u64, size);
    for (index, leaf) in (0..).zip(&leaves) {
        let path = prove_record(size, index, &reader).unwrap();
        check_record(&path, size, root, index, record_hash(leaf)).unwrap();
    }
    // The paths of our own proofs lead to the same root, and for another leaf they do not.
    for text in proofs {
        let proof = ProofText::parse(text).unwrap();
        let path = proof.path.iter().map(|hash| Hash(*hash)).collect();
        let leaf = record_hash(proof.extra.as_deref().unwrap());
        check_record(&path, size, root, proof.index, leaf).unwrap();
        assert!(check_record(&path, size, root, proof.index ^ 1, leaf).is_err());
    }
    // The newer log begins with the older one.
    let path = prove_tree(size, old.size(), &reader).unwrap();
    check_tree(&path, size, root, old.size(), *old.hash()).unwrap();
    assert!(check_tree(&path, size, root, old.size(), root).is_err());
}

/// Leaf 3 under the checkpoint, by the tiles as they came. Their reader holds not every tile against its parent (it counts from the
/// nodes of the root, of which several may share a tile), so that the path is held against the root here.
fn third(served: &Served, checkpoint: &Checkpoint, leaf: &[u8]) -> Result<(), Error> {
    let (size, root) = (checkpoint.size(), *checkpoint.hash());
    let path = prove_record(size, 3, &TileHashReader::new(size, root, served))?;
    check_record(&path, size, root, 3, record_hash(leaf))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_implementation_accepts_checkpoints_tiles_and_proofs_and_refuses_a_spoiled_tile() {
    let portal = Portal::start(|_, honest| honest());
    let (site, alive) = delivered(&portal, 3).await;
    let old = opened(&site, &alive.call("GET", "/log/checkpoint", &[], b"").await.body);
    push(&alive, 10..55).await;
    let new = opened(&site, &alive.call("GET", "/log/checkpoint", &[], b"").await.body);
    assert!(
        new.size() > 256 && old.size() < 256,
        "{} {}",
        old.size(),
        new.size()
    );
    let mut proofs = Vec::new();
    let query = Query {
        all: true,
        limit: 5,
        ..Query::default()
    };
    for row in alive.node.store.exchanges(query).await.unwrap() {
        let path = format!("/v1/exchanges/{}/proof", row.exchange);
        let answer = alive
            .call("GET", &path, &[("authorization", "Bearer hand")], b"")
            .await;
        proofs.push(String::from_utf8(answer.body).unwrap());
    }
    assert_eq!(proofs.len(), 5);
    let address = alive.address;
    let leaf = alive.node.store.entries(3, 1).await.unwrap().remove(0).bytes;
    let judged = tokio::task::spawn_blocking(move || {
        let honest = Served {
            address,
            spoiled: None,
        };
        judge(&honest, &old, &new, &proofs);
        assert!(third(&honest, &new, &leaf).is_ok());
        let spoiled = Served {
            address,
            spoiled: Some("tile/0/000"),
        };
        assert!(third(&spoiled, &new, &leaf).is_err());
    });
    judged.await.unwrap();
    alive.stop().await;
}
