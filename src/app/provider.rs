//! The way to a provider of remote signatures: its client over the one way out of the process.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Remote, Secret};
use crate::keys::RemoteSigner;
use crate::keys::remote::csc::{Answer, Call, Csc};
use crate::keys::remote::{Pending, RemoteError};
use crate::transport::{Settings, Tls, Transport};

/// How long connecting and answering may take; confirming is not waited for within one call.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(20);
/// The longest answer, in bytes: the certificates of a credential.
const LONGEST: usize = 1 << 20;

/// One provider's address.
struct Way(Transport);

/// The client of a provider, by the API of the Cloud Signature Consortium; the error says why there is no way to it.
pub fn provider(at: &Remote) -> Result<Arc<dyn RemoteSigner>, String> {
    let secret = Secret::read(&at.secret_file).map_err(|why| why.to_string())?;
    let transport = Transport::new(Settings {
        base: at.provider.clone(),
        connect: CONNECT,
        answer: ANSWER,
        answer_limit: LONGEST,
        connections: 16,
        connect_tries: 3,
        tls: Tls::default(),
        networks: Vec::new(),
    });
    let way = Way(transport.map_err(|why| why.to_string())?);
    let secret = secret.expose().to_owned().into();
    Ok(Arc::new(Csc::new(Arc::new(way), &at.client, secret)))
}

impl Call for Way {
    fn post<'a>(
        &'a self,
        path: &'a str,
        token: Option<&'a str>,
        media_type: &'static str,
        body: Vec<u8>,
    ) -> Pending<'a, Answer> {
        let mut headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        headers.extend(token.map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))));
        let request = wire::Request {
            method: wire::Method::Post,
            target: format!("/{path}"),
            headers,
            body,
        };
        Box::pin(async move {
            let response = self.0.send(&request).await;
            let response = response.map_err(|failure| RemoteError::Unreachable(failure.word().to_owned()))?;
            Ok(Answer {
                status: response.status,
                body: response.body,
            })
        })
    }
}
