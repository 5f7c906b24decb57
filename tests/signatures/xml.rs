//! XML signatures against other people's programs: `xmlsec1`, a newer libxmlsec, `signxml`, libxml2; and published vectors.

mod both;
mod forms;
mod judges;
mod vectors;
