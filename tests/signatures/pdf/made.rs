use std::process::Command;
use std::sync::OnceLock;

use jiff::Timestamp;
use lienthong::signing::pdf::{self, PdfError, Report};
use lienthong::signing::trust::{Revocation, Trust};

use crate::signatures::cms::shop::{Order, STAMPER, Shop, at, means};
use crate::signatures::xml::judges;

/// The documents that `signer.py` makes, and the trust they are judged by.
pub(in crate::signatures) struct Made {
    pub(in crate::signatures) shop: Shop,
    pub(in crate::signatures) trust: Trust,
}

/// After every signature was made: certificates of the shop are good until 2040.
pub(in crate::signatures) fn now() -> Timestamp {
    at("2030-01-01T00:00:00Z")
}

pub(in crate::signatures) fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let shop = Shop::with_holder("p256");
        // pyHanko's own authority stamps with RSA alone.
        shop.make(&Order {
            name: "tsa",
            key: "rsa",
            subject: "/CN=Trial TSA",
            extensions: STAMPER,
            ..Order::HOLDER
        });
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/signatures/pdf/signer.py");
        let output = Command::new(judges::place().join("bin/python"))
            .arg(script)
            .arg(shop.path(""))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "pyHanko signs nothing: {said}");
        Made {
            trust: shop.anchored("root"),
            shop,
        }
    })
}

pub(in crate::signatures) fn document(name: &str) -> Vec<u8> {
    made().shop.read(&format!("{name}.pdf"))
}

/// Judged with the shop's root as the anchor, and no lists.
pub(in crate::signatures) fn verify(bytes: &[u8]) -> Result<Report, PdfError> {
    pdf::verify(bytes, &means(&made().trust, &Revocation::default()), now())
}
