//! The engine that signs with a key in this process: whatever file it came from.

use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::hash;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{self, RsaPssSaltlen};

use crate::model::signer::{Algorithm, Family, Signer, SignerError};
use crate::signing::public::{self, KeyError, SMALLEST_RSA};

/// A private key from a file, parsed once, and the certificates that were beside it.
#[derive(Clone)]
pub struct FileKey {
    id: String,
    family: Family,
    algorithm: Algorithm,
    der: Vec<u8>,
    engine: Engine,
    chain: Vec<Vec<u8>>,
}

/// OpenSSL counts who holds these, and wipes them when the last one lets go.
#[derive(Clone)]
enum Engine {
    Curve(EcKey<Private>),
    Other(PKey<Private>),
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileKey({} {})", self.algorithm, self.id)
    }
}

impl FileKey {
    /// Reads a private key from PEM in memory.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        // Without a callback OpenSSL would ask for a passphrase on the terminal.
        let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0)).map_err(KeyError::Malformed)?;
        Self::new(key)
    }

    /// Makes a fresh key that is in no file, for one run or one test.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::new(generate(algorithm).map_err(KeyError::Generate)?)
    }

    /// The public key, PEM.
    pub fn public_pem(&self) -> String {
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}-----END PUBLIC KEY-----\n",
            pem_lines(&self.der)
        )
    }

    /// What kind of key it is.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The same key, used with another algorithm of its family.
    pub fn using(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        if algorithm.family() == self.family {
            Ok(Self { algorithm, ..self })
        } else {
            Err(KeyError::Algorithm(algorithm))
        }
    }

    /// The same key with its certificates, DER, its own first.
    pub(super) fn certified(self, chain: Vec<Vec<u8>>) -> Self {
        Self { chain, ..self }
    }

    pub(super) fn new(key: PKey<Private>) -> Result<Self, KeyError> {
        let family = public::family_of(&key)?;
        let der = key.public_key_to_der().map_err(KeyError::Malformed)?;
        let engine = match family {
            Family::P256 | Family::P384 => Engine::Curve(key.ec_key().map_err(KeyError::Malformed)?),
            Family::Rsa | Family::Ed25519 => Engine::Other(key),
        };
        Ok(Self {
            id: public::key_id(&der),
            family,
            algorithm: family.usual(),
            der,
            engine,
            chain: Vec::new(),
        })
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        match (&self.engine, public::digest(self.algorithm)) {
            (Engine::Curve(key), Some(digest)) => {
                let width = i32::try_from(self.family.width().unwrap_or_default()).unwrap_or_default();
                let signature = EcdsaSig::sign(&hash(digest, message)?, key)?;
                let mut wide = signature.r().to_vec_padded(width)?;
                wide.extend_from_slice(&signature.s().to_vec_padded(width)?);
                Ok(wide)
            }
            (Engine::Other(key), Some(digest)) => {
                let mut signer = sign::Signer::new(digest, key)?;
                if self.algorithm.is_pss() {
                    signer.set_rsa_padding(Padding::PKCS1_PSS)?;
                    signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
                    signer.set_rsa_mgf1_md(digest)?;
                }
                signer.sign_oneshot_to_vec(message)
            }
            (Engine::Other(key), None) => sign::Signer::new_without_digest(key)?.sign_oneshot_to_vec(message),
            // A curve's algorithm has a hash; there is nothing to sign without.
            (Engine::Curve(_), None) => Err(ErrorStack::get()),
        }
    }
}

impl Signer for FileKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn public(&self) -> &[u8] {
        &self.der
    }

    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.signature(message).map_err(|source| SignerError::Refused {
            id: self.id.clone(),
            source: Box::new(source),
        })
    }
}

/// A fresh key pair of the algorithm's family.
pub(super) fn generate(algorithm: Algorithm) -> Result<PKey<Private>, ErrorStack> {
    let curve = |name| PKey::from_ec_key(EcKey::generate(EcGroup::from_curve_name(name)?.as_ref())?);
    match algorithm.family() {
        Family::P256 => curve(Nid::X9_62_PRIME256V1),
        Family::P384 => curve(Nid::SECP384R1),
        Family::Rsa => PKey::from_rsa(Rsa::generate(SMALLEST_RSA)?),
        Family::Ed25519 => PKey::generate_ed25519(),
    }
}

/// Standard base64 in lines of 64 (RFC 7468 §2).
pub(super) fn pem_lines(der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let mut lines = String::with_capacity(text.len() + text.len() / 64 + 1);
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::signer::Verifier;
    use crate::signing::public::PublicKey;

    #[test]
    fn ecdsa_is_always_of_its_width_and_openssl_agrees() {
        for (algorithm, width) in [(Algorithm::Es256, 32), (Algorithm::Es384, 48)] {
            let key = FileKey::generate(algorithm).unwrap();
            let public = PKey::public_key_from_der(key.public()).unwrap();
            let digest = public::digest(algorithm).unwrap();
            for n in 0..400_u32 {
                let wide = key.sign(&n.to_be_bytes()).unwrap();
                assert_eq!(wide.len(), 2 * width);
                let number = |bytes| openssl::bn::BigNum::from_slice(bytes).unwrap();
                let (r, s) = wide.split_at(width);
                let der = EcdsaSig::from_private_components(number(r), number(s)).unwrap();
                let mut verifier = sign::Verifier::new(digest, &public).unwrap();
                let der = der.to_der().unwrap();
                assert!(verifier.verify_oneshot(&der, &n.to_be_bytes()).unwrap());
            }
        }
    }

    #[test]
    fn a_key_is_used_with_one_algorithm_of_its_family_and_no_other_believes_it() {
        let rsa = generate(Algorithm::Rs256)
            .unwrap()
            .private_key_to_pem_pkcs8()
            .unwrap();
        let key = |algorithm| FileKey::from_pem(&rsa).unwrap().using(algorithm).unwrap();
        let rsas: Vec<_> = Algorithm::ALL
            .into_iter()
            .filter(|one| one.family() == Family::Rsa)
            .collect();
        for algorithm in &rsas {
            let signature = key(*algorithm).sign(b"payload").unwrap();
            for other in &rsas {
                let public = PublicKey::from_der(key(*other).public())
                    .unwrap()
                    .using(*other)
                    .unwrap();
                assert_eq!(
                    public.verify(b"payload", &signature),
                    algorithm == other,
                    "{algorithm} {other}"
                );
            }
        }
        let wrong = FileKey::from_pem(&rsa).unwrap().using(Algorithm::Es256);
        assert!(matches!(wrong, Err(KeyError::Algorithm(Algorithm::Es256))));
    }

    #[test]
    fn unusable_keys_are_refused_and_nothing_is_shown() {
        let short = PKey::from_rsa(Rsa::generate(1024).unwrap())
            .unwrap()
            .private_key_to_pem_pkcs8()
            .unwrap();
        assert!(matches!(FileKey::from_pem(&short), Err(KeyError::Short(1024))));
        let group = EcGroup::from_curve_name(Nid::SECP521R1).unwrap();
        let other = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let other = other.private_key_to_pem_pkcs8().unwrap();
        assert!(matches!(FileKey::from_pem(&other), Err(KeyError::Unsupported)));
        let cipher = openssl::symm::Cipher::aes_256_cbc();
        let locked = generate(Algorithm::Ed25519).unwrap();
        let locked = locked
            .private_key_to_pem_pkcs8_passphrase(cipher, b"throw-away")
            .unwrap();
        assert!(matches!(FileKey::from_pem(&locked), Err(KeyError::Malformed(_))));
        assert!(matches!(
            FileKey::from_pem(b"nothing"),
            Err(KeyError::Malformed(_))
        ));
        let key = FileKey::generate(Algorithm::Ed25519).unwrap();
        assert_eq!(format!("{key:?}"), format!("FileKey(EdDSA {})", key.id()));
    }
}
