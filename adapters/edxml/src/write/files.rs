//! The manifest and the files (§1.6).

use data_encoding::BASE64;
use wire::xml::Element;

use super::{Unwritten, fits, gathered, leaf, named, present, shown};
use crate::file::{Enclosure, Limits, packed};

/// The files, as they travel.
pub(super) struct Files<'a>(Vec<Packed<'a>>);

struct Packed<'a> {
    file: &'a Enclosure,
    text: String,
    media: &'static str,
}

/// The longest id of a file.
const ID: usize = 64;

impl<'a> Files<'a> {
    pub(super) fn pack(files: &'a [Enclosure], limits: &Limits) -> Result<Self, Unwritten> {
        if files.len() > limits.count {
            return Err(Unwritten::Many {
                files: files.len(),
                limit: limits.count,
            });
        }
        let mut all: Vec<Packed<'_>> = Vec::with_capacity(files.len());
        for file in files {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            if file.id.is_empty() || file.id.len() > ID || !file.id.bytes().all(plain) {
                return Err(Unwritten::Form("ContentId"));
            }
            if all.iter().any(|other| other.file.id == file.id) {
                return Err(Unwritten::Twice);
            }
            present(&file.name, "AttachmentName")?;
            fits(file.bytes.len(), limits.file)?;
            let (bytes, media) = packed(file).ok_or(Unwritten::Form("Attachment"))?;
            let text = BASE64.encode(&bytes);
            all.push(Packed { file, text, media });
        }
        Ok(Self(all))
    }

    /// The lines of the manifest.
    pub(super) fn references(&self) -> Vec<Element<'_>> {
        self.0.iter().filter_map(Packed::reference).collect()
    }

    /// The files; like the SDK's, their element has no prefix and those in it have one.
    pub(super) fn attachments(&self) -> Vec<Element<'_>> {
        self.0.iter().map(Packed::attachment).collect()
    }
}

impl Packed<'_> {
    fn head(&self) -> [Option<Element<'_>>; 4] {
        [
            shown("ContentId", Some(format_args!("cid:{}", self.file.id))),
            leaf("AttachmentName", &self.file.name),
            leaf("Description", &self.file.description),
            leaf("ContentType", self.media),
        ]
    }

    fn reference(&self) -> Option<Element<'_>> {
        let [id, name, description, media] = self.head();
        gathered("Reference", vec![id, media, description, name])
    }

    fn attachment(&self) -> Element<'_> {
        let encoded = Element {
            text: self.text.as_str().into(),
            ..named("ContentTransferEncoded")
        };
        Element {
            children: self.head().into_iter().flatten().chain([encoded]).collect(),
            ..Element::new("Attachment")
        }
    }
}
