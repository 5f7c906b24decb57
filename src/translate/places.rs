//! Pointers into documents and paths of facts, told without the places in their lists.

use std::collections::HashMap;

use crate::mapping::Plan;

/// Where in their document each fact of ours stands that a mapping reads: the field, or the list that holds it. The first
/// line of a fact counts.
pub(super) fn pointers(plan: &Plan) -> HashMap<String, String> {
    let mut pointers = HashMap::new();
    for line in plan.lines().into_iter().filter(|line| line.back) {
        let field = line.theirs.split("[]").next().unwrap_or_default();
        let pointer = format!("/{}", field.replace('.', "/"));
        pointers.entry(line.ours).or_insert(pointer);
    }
    pointers
}

/// The fields that a JSON pointer goes through: `/TaiLieuNop/3/TenTepDinhKem` is `TaiLieuNop[].TenTepDinhKem`.
pub(super) fn fields(pointer: &str) -> String {
    let mut path = String::with_capacity(pointer.len());
    for step in pointer.split('/').skip(1) {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(if path.is_empty() { "" } else { "[]" });
        } else {
            path.push_str(if path.is_empty() { "" } else { "." });
            path.push_str(step);
        }
    }
    path
}

/// A path without the places in its lists: `fees[3].name` is `fees[].name`.
pub(super) fn unnumbered(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    for piece in path.split_inclusive('[') {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        normal.push_str(&piece[digits..]);
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_lists_are_left_out() {
        assert_eq!(
            fields("/TaiLieuNop/3/TenTepDinhKem"),
            "TaiLieuNop[].TenTepDinhKem"
        );
        assert_eq!(fields("/0/TrangThai"), "TrangThai");
        assert_eq!(
            unnumbered("components[0].files[12].name"),
            "components[].files[].name"
        );
        assert_eq!(unnumbered("owner.name"), "owner.name");
    }
}
