//! What is kept in memory for a short time, sealed: the key is drawn at the start and dies with the process.

use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use zeroize::Zeroizing;

use crate::clock::Dice;
use crate::model::ExchangeId;

const NONCE: usize = 12;
const TAG: usize = 16;

/// Sealed bytes: AES-256-GCM, bound to the look-up that brought them.
#[derive(Clone)]
pub struct Sealed {
    nonce: [u8; NONCE],
    tag: [u8; TAG],
    bytes: Vec<u8>,
}

/// A key that nobody keeps.
pub struct Fleeting {
    key: Zeroizing<[u8; 32]>,
}

/// What was sealed cannot be opened: another key, other bytes, or another look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this seal cannot be opened")]
pub struct Unopened;

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}

impl Fleeting {
    /// A fresh key.
    pub fn new(dice: &dyn Dice) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        dice.bytes(&mut *key);
        Self { key }
    }

    /// Seals what that look-up brought.
    pub fn seal(&self, dice: &dyn Dice, of: ExchangeId, bytes: &[u8]) -> Result<Sealed, Unopened> {
        let (mut nonce, mut tag) = ([0; NONCE], [0; TAG]);
        dice.bytes(&mut nonce);
        let cipher = Cipher::aes_256_gcm();
        let sealed = encrypt_aead(cipher, &*self.key, Some(&nonce), of.as_bytes(), bytes, &mut tag);
        let bytes = sealed.map_err(|_| Unopened)?;
        Ok(Sealed { nonce, tag, bytes })
    }

    /// Opens what that look-up brought. `recorded` is the look-up, on record already, for which it is opened.
    pub fn open(
        &self,
        sealed: &Sealed,
        of: ExchangeId,
        _recorded: ExchangeId,
    ) -> Result<Zeroizing<Vec<u8>>, Unopened> {
        let Sealed { nonce, tag, bytes } = sealed;
        let cipher = Cipher::aes_256_gcm();
        decrypt_aead(cipher, &*self.key, Some(nonce), of.as_bytes(), bytes, tag)
            .map(Zeroizing::new)
            .map_err(|_| Unopened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemDice;

    #[test]
    fn a_seal_opens_for_its_own_look_up_and_any_changed_bit_keeps_it_shut() {
        let dice = SystemDice::new().unwrap();
        let fleeting = Fleeting::new(&dice);
        let (one, other) = (ExchangeId::new(1, &[1; 10]), ExchangeId::new(1, &[2; 10]));
        let sealed = fleeting.seal(&dice, one, b"TRAN VAN MAU").unwrap();
        assert!(!sealed.bytes.windows(4).any(|part| part == b"TRAN"));
        assert_eq!(&**fleeting.open(&sealed, one, other).unwrap(), b"TRAN VAN MAU");
        assert_eq!(fleeting.open(&sealed, other, other).err(), Some(Unopened));
        for bit in 0..sealed.bytes.len() * 8 {
            let mut changed = sealed.clone();
            changed.bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(fleeting.open(&changed, one, other).err(), Some(Unopened));
        }
        assert_eq!(
            Fleeting::new(&dice).open(&sealed, one, other).err(),
            Some(Unopened),
            "another process has another key"
        );
    }
}
