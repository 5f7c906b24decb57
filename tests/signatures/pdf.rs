//! Signed PDFs as pyHanko writes them, with `pdfsig` as a second judge, and hostile ones.

mod hostile;
mod judged;
pub(super) mod made;
