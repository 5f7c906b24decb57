//! What the state already holds, asked for a dossier that was accepted: the rows of national-databases.md §9.8 through the
//! door, the purpose rules of §9.5, and the dossier that goes on without reuse when nothing comes.

mod bounds;
mod personas;
mod preview;

use lienthong::store::InquiryRow;
use serde_json::Value;

use crate::support::node::{Alive, National, Site};
use crate::support::state::{self, Who};

/// A node and a twin, with all databases of it.
struct State {
    /// The twin's books, which go when this does.
    _books: tempfile::TempDir,
    national: National,
    site: Site,
    alive: Alive,
}

/// What became of one dossier's question to the population database.
#[derive(Debug)]
struct Came {
    number: String,
    row: InquiryRow,
    finding: Value,
    dossier: Value,
    /// What is said to whoever must act.
    told: Value,
}

impl State {
    async fn start() -> Self {
        Self::with("").await
    }

    async fn with(more: &str) -> Self {
        let books = tempfile::tempdir().unwrap();
        let national = National::start(books.path(), "calm", 1).await;
        let site = state::site(&national, more);
        let alive = site.start().await;
        Self {
            _books: books,
            national,
            site,
            alive,
        }
    }

    /// Files a birth registration for `who`, and tells what the population database made of it. The dossier is delivered
    /// whatever that is.
    async fn asks(&self, who: Who) -> Came {
        self.asks_as("001.00.40.H99-260310-9001", who).await
    }

    async fn asks_as(&self, number: &str, who: Who) -> Came {
        state::file(&self.alive, &state::birth(number, who)).await;
        self.delivered(number).await;
        let rows = self.rows(number).await;
        let row = rows
            .into_iter()
            .find(|row| row.service == "population/citizen")
            .unwrap();
        let dossier = state::shown(&self.alive, &format!("/v1/dossiers/{number}")).await;
        let findings = dossier["dossier"]["findings"].as_array().unwrap();
        let finding = findings
            .iter()
            .find(|one| one["service"] == "population/citizen")
            .unwrap();
        assert_eq!(
            finding["evidence"],
            row.id.to_string(),
            "what came of it names its evidence"
        );
        Came {
            number: number.to_owned(),
            row,
            finding: finding.clone(),
            dossier: dossier["dossier"].clone(),
            told: dossier["not_reused"].clone(),
        }
    }

    async fn rows(&self, number: &str) -> Vec<InquiryRow> {
        self.alive.node.store.inquiries(number).await.unwrap()
    }

    /// Everything that this dossier owes was taken by the portal.
    async fn delivered(&self, number: &str) {
        let shown = state::shown(&self.alive, &format!("/v1/dossiers/{number}/exchanges")).await;
        let all = shown["exchanges"].as_array().unwrap();
        assert!(!all.is_empty());
        for one in all {
            assert_eq!(one["state"], "delivered", "{one}");
        }
    }

    /// Ends it: the log fits the store to the last leaf.
    async fn ends(self) {
        self.alive.node.upkeep.checkpoint().await.unwrap();
        let checked = lienthong::app::check_log(&self.alive.node, &self.site.config())
            .await
            .unwrap();
        assert_eq!(checked.findings, Vec::<String>::new());
        self.alive.stop().await;
    }
}

impl Came {
    fn class(&self) -> &str {
        self.row.class.as_deref().unwrap_or_default()
    }

    /// It ended so, and nothing was reused; the finding says the same with an owner and what to do.
    fn without(&self, class: &str) {
        assert_eq!(self.class(), class, "{:?}", self.row);
        assert_eq!(self.row.delivered, Vec::<String>::new());
        assert_eq!(self.finding["class"], class);
        let told = self.told.as_array().unwrap();
        let told = told
            .iter()
            .find(|one| one["evidence"] == self.finding["evidence"])
            .unwrap();
        for said in ["why", "owner", "action"] {
            assert!(told[said].is_string(), "{said}: {told}");
        }
        for nothing in ["filled", "verified", "replaced"] {
            let list = self.finding[nothing].as_array();
            assert!(list.is_none_or(Vec::is_empty), "{nothing}: {}", self.finding);
        }
    }
}
