//! XML signatures against other people's programs: `xmlsec1`, a newer libxmlsec, `signxml`, libxml2; and published vectors.

mod both;
mod forms;
pub(super) mod judges;
mod vectors;
