use std::process::Command;
use std::sync::OnceLock;

use lienthong::signing::container::{self, ContainerError, Report};
use lienthong::signing::trust::{Revocation, Trust};

use crate::signatures::cms::shop::{Shop, at, means};
use crate::signatures::xml::judges;

pub(in crate::signatures) struct Made {
    pub(in crate::signatures) shop: Shop,
    pub(in crate::signatures) trust: Trust,
}

/// The containers that `maker.py` makes, and the trust they are judged by.
pub(in crate::signatures) fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let shop = Shop::with_holder("p256");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/signatures/container/maker.py");
        let output = Command::new(judges::place().join("bin/python"))
            .arg(script)
            .arg(shop.path(""))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "pyasice packs nothing: {said}");
        Made {
            trust: shop.trust(),
            shop,
        }
    })
}

pub(in crate::signatures) fn container(name: &str) -> Vec<u8> {
    made().shop.read(&format!("{name}.asice"))
}

/// Judged with the shop's root as the anchor, and no lists.
pub(in crate::signatures) fn verify(bytes: &[u8]) -> Result<Report, ContainerError> {
    container::verify(
        bytes,
        &means(&made().trust, &Revocation::default()),
        at("2030-01-01T00:00:00Z"),
    )
}
