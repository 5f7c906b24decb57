use std::sync::Arc;

use super::*;
use crate::intake::Receipt;
use crate::keys::FileKey;
use crate::model::Algorithm;
use crate::signing::jws::Jws;
use crate::signing::public::PublicKey;

/// What stands, or what does not, in one sentence.
fn judged(bytes: &[u8], trusted: &Trusted) -> Result<String, String> {
    let verdict = Verdict::new(String::new(), judge(bytes, trusted));
    if verdict.good {
        Ok(verdict.says)
    } else {
        Err(verdict.says)
    }
}

fn receipt() -> (Vec<u8>, Trusted) {
    let key = Arc::new(FileKey::generate(Algorithm::Es256).unwrap());
    let public = PublicKey::from_pem(key.public_pem().as_bytes()).unwrap();
    let receipt = Receipt {
        number: "H99-26-1",
        system: "opencps",
        accepted_at: "2026-01-15T01:15:00.000Z".into(),
        digest: "sha-256:00".into(),
        leaf: "sha-256:01".into(),
        log: "log.h99.example",
        mapping: "local/opencps/dossier@1",
    };
    let signed = receipt.sign(&Jws::new(key)).unwrap();
    (
        signed,
        Trusted {
            keys: vec![public],
            ..Trusted::default()
        },
    )
}

#[test]
fn a_receipt_stands_as_it_was_signed_and_not_otherwise() {
    let (signed, trusted) = receipt();
    assert!(judged(&signed, &trusted).unwrap().contains("H99-26-1"));
    let changed = String::from_utf8(signed.clone())
        .unwrap()
        .replacen("H99-26-1", "H99-26-2", 1);
    assert!(
        judged(changed.as_bytes(), &trusted)
            .unwrap_err()
            .contains("something else")
    );
    assert!(
        judged(&signed, &Trusted::default())
            .unwrap_err()
            .contains("not trusted")
    );
    let (_, others) = receipt();
    assert!(judged(&signed, &others).unwrap_err().contains("not trusted"));
    assert_eq!(judged(b"GIF89a", &trusted).unwrap_err(), OTHER);
}

#[test]
fn a_proof_stands_under_a_trusted_checkpoint_only() {
    assert!(judged(b"c2sp.org/tlog-proof@v1\nindex x\n\n", &Trusted::default()).is_err());
}
