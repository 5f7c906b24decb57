use std::path::PathBuf;

use super::section::Section;
use super::webhook::Webhook;
use crate::codes::AgencyId;

/// A provincial system that pushes dossiers.
#[derive(Clone, Debug)]
pub struct System {
    /// The mapping that reads its dossiers, such as `local/opencps/dossier`.
    pub mapping: String,
    /// Whose code lists apply.
    pub site: String,
    /// SHA-256 of each token it may use; with none, it is closed.
    pub tokens: Vec<[u8; 32]>,
    /// SHA-256 of each certificate it may show instead (DER).
    pub certificates: Vec<[u8; 32]>,
    /// What the address of a file begins with that the system names only by a reference; none where it sends addresses.
    pub files: Option<String>,
    /// The file that names its officers, who ask what the state holds; with none, nothing is asked for its dossiers.
    pub officers: Option<PathBuf>,
    /// The agencies whose dossiers it keeps, as identifiers; those below them belong to it too.
    pub agencies: Vec<String>,
    /// Where it is told what happened to its dossiers.
    pub webhook: Option<Webhook>,
    /// The partner its dossiers are owed to: a name of `Config::partners`.
    pub partner: String,
}

impl System {
    pub(super) fn read(from: &Section<'_>, partners: &[&str]) -> Option<Self> {
        let mapping = from.text("mapping");
        let site = from.text("site");
        let tokens = from.digests("token_sha256");
        let certificates = from.maybe_digests("certificate_sha256");
        let files = from.maybe_url("files");
        let officers = from.maybe_path("officers_file");
        let agencies = from.maybe_words("agencies");
        for written in agencies.iter().flatten() {
            if AgencyId::read(written).is_none() {
                from.wrong(
                    "agencies",
                    format!("`{written}` is no agency's identifier, such as `H99.14`"),
                );
            }
        }
        let webhook = from.maybe_section("webhook", Webhook::read);
        let partners: Vec<(&str, &str)> = partners.iter().map(|name| (*name, *name)).collect();
        let partner = from.choice("partner", &partners).map(str::to_owned);
        Some(Self {
            mapping: mapping?,
            site: site?,
            tokens: tokens?,
            certificates: certificates?,
            files,
            officers,
            agencies: agencies?,
            webhook: webhook?,
            partner: partner?,
        })
    }
}
