//! Signed PDFs as pyHanko writes them, with `pdfsig` as a second judge, and hostile ones.

mod hostile;
mod judged;
mod made;
