//! Signed notes (C2SP signed-note v1): a text and the signatures under it, with Ed25519; cosignatures of witnesses too.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, Public};
use openssl::sign::Verifier;

use crate::evidence::hash;
use crate::model::signer::{Algorithm, Signer, SignerError};

/// The most signatures that are looked at; more are refused.
const MOST: usize = 100;
/// What every DER SubjectPublicKeyInfo of Ed25519 begins with; the 32 bytes of the key follow (RFC 8410 §4).
const SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Why a note was not signed, or is not believed.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// The text lacks its final newline, or holds a control character.
    #[error("a note's text ends in a newline and holds no control characters")]
    Text,
    /// A name that is empty, or holds a space or a `+`.
    #[error("a note's key name is not empty and holds neither spaces nor `+`")]
    Name,
    /// A key that is not Ed25519.
    #[error("notes are signed with Ed25519, not with {0}")]
    Algorithm(Algorithm),
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A verifier key whose text, id or length is wrong, or of an unknown type.
    #[error("this is no verifier key: name+id+key")]
    Vkey,
    /// No empty line before the signatures, a signature line that is none, or too many of them.
    #[error("the note is malformed")]
    Malformed,
    /// Two known keys share name and id, so that nobody can say which is meant.
    #[error("two known keys are both called {0}")]
    Ambiguous(String),
    /// A known key's signature does not verify.
    #[error("the signature of {0} on the note does not verify")]
    Forged(String),
    /// No known key signed.
    #[error("no known key signed the note")]
    Unknown,
}

/// What a key's signature under a note means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It signs the text: the log itself (type 01).
    Log,
    /// It saw the text at a time, and nothing that contradicts it (C2SP tlog-cosignature, type 04).
    Witness,
}

impl Role {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        [Self::Log, Self::Witness]
            .into_iter()
            .find(|role| role.byte() == byte)
    }
}

/// A key that verifies notes: its name, what it signs as, and its Ed25519 public key.
#[derive(Clone, PartialEq, Eq)]
pub struct Vkey {
    name: String,
    role: Role,
    key: [u8; 32],
}

impl Vkey {
    /// The verifier key of a log's signer under a name.
    pub fn of(name: &str, signer: &dyn Signer) -> Result<Self, NoteError> {
        if signer.algorithm() != Algorithm::Ed25519 {
            return Err(NoteError::Algorithm(signer.algorithm()));
        }
        let key = signer
            .public()
            .strip_prefix(&SPKI)
            .and_then(|key| key.try_into().ok());
        Self {
            name: name.to_owned(),
            role: Role::Log,
            key: key.ok_or(NoteError::Vkey)?,
        }
        .named()
    }

    /// Reads `name+id+key`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        // The key itself may hold a `+`, the name and the id may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Vkey);
        };
        let key = BASE64.decode(key.as_bytes()).map_err(|_| NoteError::Vkey)?;
        let (byte, key) = key.split_first().ok_or(NoteError::Vkey)?;
        let role = Role::of(*byte).ok_or(NoteError::Vkey)?;
        let key = key.try_into().map_err(|_| NoteError::Vkey)?;
        let vkey = Self {
            name: name.to_owned(),
            role,
            key,
        }
        .named()?;
        if HEXLOWER.encode(&vkey.id()) == id {
            Ok(vkey)
        } else {
            Err(NoteError::Vkey)
        }
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs as.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The key's id: SHA-256(name ‖ newline ‖ type ‖ key), cut to 4 bytes.
    pub fn id(&self) -> [u8; 4] {
        let hash = hash::digest(&[self.name.as_bytes(), b"\n", &[self.role.byte()], &self.key]);
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Whether `signature` is this key's over `text`; if so, the time in it, in seconds since 1970, where there is one.
    fn verify(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        let (time, valid) = match self.role {
            Role::Log => (None, self.check(text, signature)),
            Role::Witness => {
                let (time, signature) = signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                let seen = format!("cosignature/v1\ntime {time}\n{text}");
                (Some(time), self.check(&seen, signature))
            }
        };
        if let Ok(true) = valid {
            return Some(time);
        }
        // OpenSSL leaves its reasons on a per-thread stack, where the next call would find them.
        ErrorStack::get();
        None
    }

    fn check(&self, text: &str, signature: &[u8]) -> Result<bool, ErrorStack> {
        let key: PKey<Public> = PKey::public_key_from_raw_bytes(&self.key, Id::ED25519)?;
        Verifier::new_without_digest(&key)?.verify_oneshot(signature, text.as_bytes())
    }

    fn named(self) -> Result<Self, NoteError> {
        let good = !self.name.is_empty()
            && !self
                .name
                .contains(|c: char| c.is_whitespace() || c == '+' || c < ' ');
        if good { Ok(self) } else { Err(NoteError::Name) }
    }
}

impl fmt::Display for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.role.byte()], &self.key[..]].concat();
        write!(
            f,
            "{}+{}+{}",
            self.name,
            HEXLOWER.encode_display(&self.id()),
            BASE64.encode_display(&key)
        )
    }
}

impl fmt::Debug for Vkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Signs a text under a name; gives the whole note.
pub fn sign(text: &str, name: &str, signer: &dyn Signer) -> Result<String, NoteError> {
    if !is_text(text) {
        return Err(NoteError::Text);
    }
    let vkey = Vkey::of(name, signer)?;
    let mut signature = vkey.id().to_vec();
    signature.extend_from_slice(&signer.sign(text.as_bytes())?);
    let mut note = format!("{text}\n— {name} ");
    BASE64.encode_append(&signature, &mut note);
    note.push('\n');
    Ok(note)
}

/// A known key's good signature under a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'k> {
    /// The key.
    pub key: &'k Vkey,
    /// When a witness signed, in seconds since 1970; a log says no time.
    pub time: Option<u64>,
}

/// A note that at least one known key signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<'a, 'k> {
    /// The text, with its final newline.
    pub text: &'a str,
    /// The known keys that signed it, in the order of their signatures.
    pub signed_by: Vec<Signed<'k>>,
}

/// Opens a note: unknown keys are passed over, a known key that fails refuses the whole, one known good is needed.
pub fn open<'a, 'k>(note: &'a str, known: &'k [Vkey]) -> Result<Opened<'a, 'k>, NoteError> {
    let (text, lines) = split(note)?;
    let mut signed_by: Vec<Signed<'k>> = Vec::new();
    for line in lines {
        let (name, id, signature) = read_line(line)?;
        let mut keys = known.iter().filter(|key| key.name == name && key.id() == id);
        let (Some(key), other) = (keys.next(), keys.next()) else {
            continue;
        };
        if other.is_some() {
            return Err(NoteError::Ambiguous(name.to_owned()));
        }
        if signed_by.iter().any(|signed| signed.key == key) {
            continue;
        }
        match key.verify(text, &signature) {
            Some(time) => signed_by.push(Signed { key, time }),
            None => return Err(NoteError::Forged(name.to_owned())),
        }
    }
    if signed_by.is_empty() {
        Err(NoteError::Unknown)
    } else {
        Ok(Opened { text, signed_by })
    }
}

/// The text with its newline, and the signature lines without theirs.
fn split(note: &str) -> Result<(&str, Vec<&str>), NoteError> {
    if !is_text(note) {
        return Err(NoteError::Malformed);
    }
    // A text may hold empty lines, so the last one is the border.
    let border = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
    let (text, signatures) = note.split_at(border + 1);
    let lines: Vec<&str> = signatures[1..].lines().collect();
    if lines.is_empty() || lines.len() > MOST {
        Err(NoteError::Malformed)
    } else {
        Ok((text, lines))
    }
}

/// `— name base64(id ‖ signature)`.
fn read_line(line: &str) -> Result<(&str, [u8; 4], Vec<u8>), NoteError> {
    let (name, blob) = line
        .strip_prefix("— ")
        .and_then(|rest| rest.split_once(' '))
        .ok_or(NoteError::Malformed)?;
    let blob = BASE64.decode(blob.as_bytes()).map_err(|_| NoteError::Malformed)?;
    let bad_name = name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+');
    match blob.split_first_chunk::<4>() {
        Some((id, signature)) if !bad_name && !signature.is_empty() => Ok((name, *id, signature.to_vec())),
        _ => Err(NoteError::Malformed),
    }
}

fn is_text(text: &str) -> bool {
    text.ends_with('\n') && !text.contains(|c: char| c < ' ' && c != '\n')
}

#[cfg(test)]
pub(crate) mod tests {
    use openssl::pkey::Private;
    use openssl::sign;

    use super::*;

    /// A log's key that lives only in a test.
    pub(crate) struct Key(PKey<Private>, Vec<u8>);

    impl Key {
        pub(crate) fn new() -> Self {
            let key = PKey::generate_ed25519().unwrap();
            let der = key.public_key_to_der().unwrap();
            Self(key, der)
        }
    }

    impl Signer for Key {
        fn algorithm(&self) -> Algorithm {
            Algorithm::Ed25519
        }
        fn id(&self) -> &str {
            "test"
        }
        fn public(&self) -> &[u8] {
            &self.1
        }
        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
            Ok(sign::Signer::new_without_digest(&self.0)
                .unwrap()
                .sign_oneshot_to_vec(message)
                .unwrap())
        }
    }

    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const LINE: &str = "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    const TEXT: &str = "This is an example message.\n";

    fn names<'k>(opened: &Opened<'_, 'k>) -> Vec<&'k str> {
        opened.signed_by.iter().map(|signed| signed.key.name()).collect()
    }

    /// Signs as a witness does, at a time in seconds.
    pub(crate) fn cosign(text: &str, name: &str, key: &Key, time: u64) -> (String, Vkey) {
        let vkey = Vkey {
            role: Role::Witness,
            ..Vkey::of(name, key).unwrap()
        };
        let message = format!("cosignature/v1\ntime {time}\n{text}");
        let signature = key.sign(message.as_bytes()).unwrap();
        let blob = [&vkey.id()[..], &time.to_be_bytes(), &signature].concat();
        (format!("— {name} {}\n", BASE64.encode(&blob)), vkey)
    }

    #[test]
    fn a_witness_says_when_it_saw_the_text() {
        let (log, witness) = (Key::new(), Key::new());
        let note = sign(TEXT, "log.example", &log).unwrap();
        let (line, seen_by) = cosign(TEXT, "witness.example", &witness, 1_795_458_235);
        let known = [
            Vkey::of("log.example", &log).unwrap(),
            Vkey::parse(&seen_by.to_string()).unwrap(),
        ];
        let note = format!("{note}{line}");
        let opened = open(&note, &known).unwrap();
        assert_eq!(names(&opened), ["log.example", "witness.example"]);
        assert_eq!(opened.signed_by[1].time, Some(1_795_458_235));
        // The same key as a log's is another key: its signature over the bare text is no cosignature.
        let bare = sign(TEXT, "witness.example", &witness).unwrap();
        assert!(matches!(open(&bare, &known[1..]), Err(NoteError::Unknown)));
        let (late, _) = cosign("Another message.\n", "witness.example", &witness, 1);
        assert!(matches!(
            open(&format!("{TEXT}\n{late}"), &known),
            Err(NoteError::Forged(_))
        ));
    }

    #[test]
    fn the_vector_of_c2sp() {
        let vkey = Vkey::parse(VKEY).unwrap();
        assert_eq!(vkey.to_string(), VKEY);
        let note = format!("{TEXT}\n{LINE}");
        let known = [vkey];
        let opened = open(&note, &known).unwrap();
        assert_eq!((opened.text, names(&opened)), (TEXT, vec!["example.com/foo"]));
    }

    /// The keys and the note of Go's `sumdb/note`.
    #[test]
    fn the_vectors_of_go() {
        let peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let enoch = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let signed = concat!(
            "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
            "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n",
        );
        let note = format!("{text}\n{signed}");
        let keys = [Vkey::parse(peter).unwrap(), Vkey::parse(enoch).unwrap()];
        assert_eq!(names(&open(&note, &keys).unwrap()), ["PeterNeumann", "EnochRoot"]);
        assert_eq!(names(&open(&note, &keys[1..]).unwrap()), ["EnochRoot"]);
        let twice = [keys[0].clone(), keys[0].clone()];
        assert!(matches!(open(&note, &twice), Err(NoteError::Ambiguous(_))));
    }

    #[test]
    fn signs_what_it_opens_even_with_empty_lines_in_the_text() {
        let key = Key::new();
        let text = "Hồ sơ\n\n\nafter two empty lines\n";
        let note = sign(text, "log.example", &key).unwrap();
        let vkey = Vkey::of("log.example", &key).unwrap();
        assert_eq!(open(&note, std::slice::from_ref(&vkey)).unwrap().text, text);
        assert_eq!(Vkey::parse(&vkey.to_string()).unwrap(), vkey);
        for bad in ["no newline", "tab\t\n", ""] {
            assert!(matches!(sign(bad, "log.example", &key), Err(NoteError::Text)));
        }
        for bad in ["", "a b", "a+b", "a\u{a0}b"] {
            assert!(matches!(sign("x\n", bad, &key), Err(NoteError::Name)));
        }
    }

    #[test]
    fn malformed_and_forged_notes_are_refused() {
        let known = [Vkey::parse(VKEY).unwrap()];
        let refused = |note: &str| open(note, &known).unwrap_err();
        assert!(matches!(
            refused(&format!("Another message.\n\n{LINE}")),
            NoteError::Forged(_)
        ));
        assert!(matches!(
            refused(&format!("{TEXT}\n{}", LINE.replace("/foo", "/bar"))),
            NoteError::Unknown
        ));
        let malformed = [
            format!("{TEXT}{LINE}"),
            format!("{TEXT}\n"),
            format!("{TEXT}\n{}", LINE.trim_end()),
            format!("{TEXT}\n{}", LINE.replace('—', "-")),
            format!("{TEXT}\n{}", LINE.replace("QM=", "QN=")),
            format!("{TEXT}\n— example.com/foo Uw2QOg==\n"),
            format!("{TEXT}\r\n\n{LINE}"),
            format!("{TEXT}\n{}", LINE.repeat(101)),
        ];
        for note in malformed {
            assert!(matches!(refused(&note), NoteError::Malformed), "{note}");
        }
        assert!(open(&format!("{TEXT}\n{}", LINE.repeat(16)), &known).is_ok());
        for bad in [
            &VKEY.replace("530d", "530e"),
            &VKEY.replace("+Ae", "+Ge"),
            &VKEY[..40],
            "a+b",
            "",
        ] {
            assert!(Vkey::parse(bad).is_err(), "{bad}");
        }
    }
}
