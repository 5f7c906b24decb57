use data_encoding::{BASE64, BASE64URL_NOPAD};
use openssl::sha::sha256;
use serde_json::{Value, json};

/// What stands in a protected header besides `alg` and `kid`; the default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    typ: Option<String>,
    cty: Option<String>,
    chain: Vec<Vec<u8>>,
    thumbprint: Option<[u8; 32]>,
}

impl Protected {
    /// The media type of the whole, without `application/` (`typ`, RFC 7515 §4.1.9).
    pub fn typ(self, typ: impl Into<String>) -> Self {
        Self {
            typ: Some(typ.into()),
            ..self
        }
    }

    /// The media type of the payload, without `application/` (`cty`, §4.1.10).
    pub fn cty(self, cty: impl Into<String>) -> Self {
        Self {
            cty: Some(cty.into()),
            ..self
        }
    }

    /// The certificates that lead to an anchor, DER, the signer's first, the anchor not needed (`x5c`, §4.1.6).
    ///
    /// None at all leaves `x5c` out.
    pub fn chain(self, chain: Vec<Vec<u8>>) -> Self {
        Self { chain, ..self }
    }

    /// The SHA-256 of the signer's certificate, DER (`x5t#S256`, §4.1.8).
    pub fn thumbprint(self, certificate: &[u8]) -> Self {
        Self {
            thumbprint: Some(sha256(certificate)),
            ..self
        }
    }

    /// The header's JSON. Tokens of years ago begin with these letters: members are added, never moved.
    pub(super) fn text(&self, alg: &str, kid: &str, plain: bool) -> String {
        let mut text = format!("{{\"alg\":\"{alg}\",\"kid\":{}", Value::from(kid));
        let mut add = |name: &str, value: Value| text.push_str(&format!(",\"{name}\":{value}"));
        if let Some(typ) = &self.typ {
            add("typ", json!(typ));
        }
        if let Some(cty) = &self.cty {
            add("cty", json!(cty));
        }
        if !self.chain.is_empty() {
            let chain = self.chain.iter().map(|der| BASE64.encode(der));
            add("x5c", chain.collect());
        }
        if let Some(thumbprint) = &self.thumbprint {
            add("x5t#S256", json!(BASE64URL_NOPAD.encode(thumbprint)));
        }
        if plain {
            add("b64", json!(false));
            add("crit", json!(["b64"]));
        }
        text.push('}');
        text
    }
}
