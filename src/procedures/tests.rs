//! Slips are found in their places, laws hold on their days, and a dossier is judged by what its procedure asks for.

mod forms;
mod judged;
mod laws;
mod slips;

use super::*;
use crate::model::codes::{Channel, Reuse, Status};
use crate::model::{Component, Dossier, Fact, Fee, File, How, Origin, Supplement, Time, sample};

const LAW: &str = r#"
law     = "1/2026/NQ-CP"
version = 1
name    = "Nghị quyết mẫu"
follows = "a test"
from    = "2026-01-01"
until   = "2027-03-01"
grace   = 15

[[articles]]
article  = "Đ4 k1"
database = "population"
services = ["population/citizen"]
replaces = ["Căn cước"]

[[articles]]
article  = "Đ4 k5"
database = "business"
services = ["business/enterprise"]
replaces = ["Giấy chứng nhận đăng ký doanh nghiệp"]

[[scope]]
procedure = "1.000001"
articles  = ["Đ4 k1", "Đ4 k5"]
published = "2026-02-01"
until     = "2026-12-01"
follows   = "a test"

[sets]
identity  = ["person.name", "person.born"]
residence = ["person.permanent"]
business  = ["business"]

[[reasons]]
code       = "thieu"
vietnamese = "Thiếu."
english    = "Incomplete."

[databases]
population = { name = "Dân cư", code = "1" }
business   = { name = "Doanh nghiệp" }
"#;

const EVERYWHERE: &str = r#"
law        = "2/2022/NĐ-CP"
name       = "Nghị định mẫu"
follows    = "a test"
from       = "2023-01-01"
everywhere = true
[[articles]]
article  = "Đ14"
database = "population"
services = ["population/citizen"]
replaces = ["Sổ hộ khẩu"]
"#;

const PROCEDURE: &str = r#"
procedure = "1.000001"
version   = 3
name      = "Thủ tục mẫu"
follows   = "a test"
field     = { code = "G99-TN01", name = "Mẫu" }
agency    = "000.00.00.G99"
competent = { level = 3, name = "Ủy ban nhân dân xã Mẫu" }
levels    = [3]
channels  = ["in-person", "online"]
term      = { days = 3, cutoff = "15:00" }
facts     = [
  { fact = "owner.name", title = "Họ tên", english = "Name", required = true, max = 20 },
  { fact = "owner.born", title = "Ngày sinh", english = "Born", required = true, owners = ["citizen"] },
  { fact = "owner.gender", title = "Giới tính", english = "Gender", words = { male = "Nam", female = "Nữ" } },
  { fact = "owner.phone", title = "Điện thoại", english = "Telephone", form = "phone" },
  { field = "mother.name", title = "Mẹ", english = "Mother" },
  { field = "mother.number", title = "Số của mẹ", english = "Mother's number", form = "identity" },
  { field = "copies", kind = "number", title = "Bản sao", english = "Copies" },
]
papers    = [
  { code = "KQ1", name = "Tờ khai", originals = 1, required = true },
  { code = "KQ2", name = "Căn cước", copies = 1, required = true },
  { code = "KQ3", name = "Giấy chứng sinh", originals = 1, required = true, channels = ["online"] },
  { code = "KQ4", name = "Cư trú", originals = 1, shown = true },
  { code = "KQ5", name = "Đăng ký doanh nghiệp", copies = 1, required = true, owners = ["enterprise"] },
]
fees      = [{ kind = "fee", name = "Lệ phí", amount = 20000, channels = ["in-person"] }]
results   = [{ code = "KQ.G99.1", name = "Giấy mẫu" }]

[[reuse]]
service  = "population/citizen"
subject  = "owner"
owners   = ["citizen"]
sets     = ["identity"]
fills    = { "owner.born" = "person.born" }
verifies = { "owner.name" = "person.name" }
replaces = ["KQ2"]
basis    = "1/2026/NQ-CP Đ4 k1"

[[reuse]]
service  = "population/citizen"
subject  = "owner"
owners   = ["citizen"]
sets     = ["residence"]
fills    = { "owner.address" = "person.permanent" }
replaces = ["KQ4"]
basis    = ["1/2026/NQ-CP Đ4 k1", "2/2022/NĐ-CP Đ14"]

[[reuse]]
service  = "business/enterprise"
subject  = "owner"
owners   = ["enterprise"]
sets     = ["business"]
replaces = ["KQ5"]
basis    = "1/2026/NQ-CP Đ4 k5"
"#;

fn compiled(procedure: &str) -> Result<Procedures, Vec<Diagnostic>> {
    Procedures::compile(
        [("procedures/1.000001.toml", procedure)],
        [("reuse/1.toml", LAW), ("reuse/2.toml", EVERYWHERE)],
        None,
    )
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A dossier of the procedure that fits it.
fn dossier() -> Dossier {
    let mut dossier = sample::dossier(1, 1);
    let facts = &mut dossier.facts;
    facts.procedure.code = "1.000001".to_owned();
    facts.owner.kind = Some(SubjectKind::Citizen);
    facts.owner.name = Some("Trần Văn Mẫu".to_owned());
    facts.owner.born = Some("1990-05-17".parse().unwrap());
    facts.owner.gender = None;
    facts.owner.phone = Some("0900000017".to_owned());
    facts.channel = Some(Channel::InPerson);
    facts.status = Status::Registered;
    facts.components = vec![paper("KQ1")];
    facts.supplements = Vec::new();
    facts.fees = Vec::new();
    dossier
}

fn paper(code: &str) -> Component {
    Component {
        code: Some(code.to_owned()),
        files: vec![File::default()],
        ..Component::default()
    }
}
