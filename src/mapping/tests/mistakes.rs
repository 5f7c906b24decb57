//! The words of diagnostics.

use super::{codes, told};
use crate::mapping::Plan;

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let text = r#"mapping = "portal/dossier"
version = 1
ours    = "component"
follows = "a test"
colour  = "red"

[document]
"MaHoSo"  = "cod | required"
"Ten"     = "name | cutt 10"
"SoBan"   = "copies | code portal-statsu"
"Loai"    = "kind | code portal-status"
"Nguon"   = "from_store | number"
"Dang"    = "form | default 5"
[document."Tep[]"]
each = "files[].name[]"
[document."Anh[]"]
each = "files[]"
when = "removed is maybe"
"Ten" = "^.nam"
[lost.forth]
"digitised" = ""
"reuze" = "a slip"
"#;
    let mistakes = Plan::compile("m.toml", text, &codes()).err().unwrap();
    let expected = r#"m.toml:5:1
   colour  = "red"
   ^^^^^^ a mapping has no `colour`
m.toml:8:14
   "MaHoSo"  = "cod | required"
                ^^^ a component has no fact `cod`; it has `code`
m.toml:9:21
   "Ten"     = "name | cutt 10"
                       ^^^^ there is no step `cutt`; there is `cut`
m.toml:10:23
   "SoBan"   = "copies | code portal-statsu"
                         ^^^^ this step takes a text, and gets a number
m.toml:11:26
   "Loai"    = "kind | code portal-status"
                            ^^^^^^^^^^^^^ code list `portal-status` speaks of dossier-status, this fact is a copy-kind
m.toml:12:27
   "Nguon"   = "from_store | number"
                             ^^^^^^ this step takes a number, and gets a yes or no
m.toml:13:21
   "Dang"    = "form | default 5"
                       ^^^^^^^ write default 'x'
m.toml:15:9
   each = "files[].name[]"
           ^^^^^^^^^^^^^^ write a list of ours with `[]`, such as `components[].files[]`
m.toml:18:20
   when = "removed is maybe"
                      ^^^^^ `removed` is never `maybe`
m.toml:19:12
   "Ten" = "^.nam"
              ^^^ a component has no fact `nam`; it has `name`
m.toml:21:15
   "digitised" = ""
                 ^^ say why it is lost, in quotes
m.toml:22:1
   "reuze" = "a slip"
   ^^^^^^^ a component has no fact `reuze`; it has `reuse`"#;
    assert_eq!(told(mistakes), expected);
}

#[test]
fn silence_about_a_fact_is_a_mistake() {
    let text = "mapping = \"a\"\nversion = 1\nours = \"step\"\nfollows = \"a test\"\n[document]\n\"a\" = \"officer\"\n\
                [lost.forth]\n\"title\" = \"no field\"\n";
    let told = told(Plan::compile("m.toml", text, &codes()).err().unwrap());
    assert!(
        told.contains("neither a line nor [lost.forth] speaks of `department`, `content`, `status`"),
        "{told}"
    );
}
