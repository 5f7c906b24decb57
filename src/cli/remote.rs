//! A running node as the command line asks it: over the same routes as anybody.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::{Method, Request};

use super::Failed;
use crate::transport::{Response, Settings, Tls, Transport};

/// The longest answer that is read, in bytes: a bundle of 256 entries is at most 16 MiB.
const LONGEST: usize = 17 << 20;

/// A running node.
pub(super) struct Remote {
    url: String,
    transport: Transport,
    token: Option<String>,
}

/// What a node says when it does not do what it is asked (RFC 9457), as far as a person is shown it.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    detail: String,
    #[serde(default)]
    action: String,
}

impl Remote {
    /// A way to a node, with the token in the file if there is one.
    pub(super) fn new(url: &str, token_file: Option<&Path>) -> Result<Self, Failed> {
        if !["http://", "https://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(Failed::Use(format!(
                "`{url}` is no address: it begins with http:// or https://"
            )));
        }
        let token = token_file
            .map(|path| std::fs::read_to_string(path).map_err(|error| Failed::file(path, &error)))
            .transpose()?;
        let transport = Transport::new(Settings {
            base: url.to_owned(),
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            answer_limit: LONGEST,
            connections: 4,
            connect_tries: 3,
            tls: Tls::default(),
            networks: Vec::new(),
        })?;
        Ok(Self {
            url: url.to_owned(),
            transport,
            token: token.map(|token| token.trim().to_owned()),
        })
    }

    /// What stands at an address; none when nothing does.
    pub(super) async fn find(&self, target: &str) -> Result<Option<Vec<u8>>, Failed> {
        let response = self.ask(Method::Get, target, Vec::new()).await?;
        match response.status {
            200..=299 => Ok(Some(response.body)),
            404 => Ok(None),
            _ => Err(self.problem(&response)),
        }
    }

    /// The JSON that stands at an address.
    pub(super) async fn read(&self, target: &str) -> Result<Value, Failed> {
        let response = self.ask(Method::Get, target, Vec::new()).await?;
        if response.status >= 300 {
            return Err(self.problem(&response));
        }
        serde_json::from_slice(&response.body).map_err(|_| {
            Failed::NotDone(format!(
                "{} answers {target} with something else than JSON",
                self.url
            ))
        })
    }

    /// Says something at an address.
    pub(super) async fn tell(&self, target: &str, body: &Value) -> Result<(), Failed> {
        let response = self
            .ask(Method::Post, target, body.to_string().into_bytes())
            .await?;
        if response.status < 300 {
            Ok(())
        } else {
            Err(self.problem(&response))
        }
    }

    /// Says something at an address, and hears whatever is answered: the status and the body.
    pub(super) async fn post(&self, target: &str, body: &Value) -> Result<(u16, Vec<u8>), Failed> {
        let response = self
            .ask(Method::Post, target, body.to_string().into_bytes())
            .await?;
        Ok((response.status, response.body))
    }

    /// Says something at an address, and reads the JSON that it is answered.
    pub(super) async fn ask_for<T: DeserializeOwned>(&self, target: &str, body: &Value) -> Result<T, Failed> {
        let body = body.to_string().into_bytes();
        let response = self.ask(Method::Post, target, body).await?;
        if response.status >= 300 {
            return Err(self.problem(&response));
        }
        serde_json::from_slice(&response.body).map_err(|_| {
            Failed::NotDone(format!(
                "{} answers {target} with something else than this program knows",
                self.url
            ))
        })
    }

    async fn ask(&self, method: Method, target: &str, body: Vec<u8>) -> Result<Response, Failed> {
        let mut headers = vec![
            ("accept-language".to_owned(), "en".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        headers.extend(
            self.token
                .iter()
                .map(|token| ("authorization".to_owned(), format!("Bearer {token}"))),
        );
        let request = Request {
            method,
            target: target.to_owned(),
            headers,
            body,
        };
        self.transport
            .send(&request)
            .await
            .map_err(|failure| Failed::NotDone(format!("{}: {failure}", self.url)))
    }

    fn problem(&self, response: &Response) -> Failed {
        let status = response.status;
        match serde_json::from_slice::<Problem>(&response.body) {
            Ok(Problem { detail, action }) => Failed::NotDone(format!("{detail} {action}").trim().to_owned()),
            Err(_) => Failed::NotDone(format!("{} answers with HTTP {status}", self.url)),
        }
    }
}
