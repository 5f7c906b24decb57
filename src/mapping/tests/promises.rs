//! What a mapping promises beyond the two laws.

use serde_json::Value as Json;

use super::{codes, context, plan, told};
use crate::codes::Codes;
use crate::mapping::{Plan, Refused, Wrong};
use crate::model::codes::{Channel, FeeKind, Gender, PaperKind, PaymentState, Status};
use crate::model::{Component, Dossier, How, Number, Owner, Subject, Time, sample};

const OPENCPS: &str = r#"{"dossierId": 51201, "dossierNo": "000.00.14.H99-240115-0001", "serviceCode": "1.001234.000.00.00.H99",
 "govAgencyName": "Sở Thử nghiệm tỉnh Mẫu", "applicantName": "NGUYỄN THỬ NGHIỆM", "applicantIdType": "citizen",
 "applicantIdNo": "099090000001", "applicantIdDate": "01/02/2021 00:00:00", "contactName": "Nguyễn Thử Nghiệm",
 "dossierStatus": "processing", "dossierSubStatus": "waiting_1", "online": "false", "viaPostal": "0", "receiveDate": null,
 "dossierFiles": [
  {"dossierFileId": 1, "dossierPartType": 1, "dossierPartNo": "TP01", "displayName": "don.pdf", "eForm": true},
  {"dossierFileId": 2, "dossierPartType": 2, "displayName": "giay-phep.pdf"},
  {"dossierFileId": 3, "dossierPartType": 9, "displayName": "khac.pdf"},
  {"dossierFileId": 4, "dossierPartType": 3, "dossierPartNo": "TP01", "displayName": "so-do.pdf"}],
 "payment": {"feeAmount": 150000, "serviceAmount": 0, "paymentMethod": "PayPlatDVCQG"}}"#;

fn opencps(codes: &Codes) -> (Plan, Dossier) {
    let plan = plan("mappings/local/opencps/dossier.toml", codes);
    let dossier = plan
        .read(OPENCPS.as_bytes(), &context(codes), Time::at(0))
        .unwrap();
    (plan, dossier)
}

fn written(plan: &Plan, dossier: &Dossier, codes: &Codes) -> Json {
    let mut bytes = Vec::new();
    plan.write(dossier, &context(codes), &mut bytes).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_local_document_becomes_facts_each_with_an_origin() {
    let codes = codes();
    let (plan, dossier) = opencps(&codes);
    let facts = &dossier.facts;
    assert_eq!(
        facts.status,
        Status::SupplementRequested,
        "the sub-status speaks first"
    );
    assert_eq!(facts.procedure.code, "1.001234");
    assert_eq!(facts.channel, Some(Channel::InPerson));
    assert_eq!(facts.owner.papers[0].kind, Some(PaperKind::CitizenId));
    assert_eq!(facts.payment.state, Some(PaymentState::Portal));
    assert_eq!(
        facts
            .fees
            .iter()
            .find(|fee| fee.kind == Some(FeeKind::Fee))
            .unwrap()
            .amount,
        Some(150_000)
    );
    assert_eq!(
        facts.components.len(),
        1,
        "two rows of one part are one component"
    );
    assert_eq!((facts.components[0].files.len(), facts.results.len()), (2, 1));

    assert_eq!(dossier.origin("channel").how, How::Derived);
    let origins = plan.origins(&dossier);
    let of = |path: &str| {
        origins
            .iter()
            .find(|(ours, _)| ours == path)
            .map(|(_, origin)| origin)
            .unwrap()
    };
    assert_eq!(
        of("components[0].files[1].name").theirs.as_deref(),
        Some("/dossierFiles/1/displayName")
    );
    assert!(of("owner.name").line.is_some() && of("channel").line.is_some());
    assert!(
        origins.iter().all(|(_, origin)| origin.mapping.is_some()),
        "every fact has an origin"
    );
}

#[test]
fn a_word_that_says_nothing_is_no_fact_and_is_written_again() {
    let codes = codes();
    let lost = [
        "kind",
        "name",
        "registered_name",
        "portal_id",
        "papers[].*",
        "born",
        "ethnicity.*",
        "phone",
        "email",
        "fax",
    ];
    let lost: String = lost
        .iter()
        .chain(&["address.*", "contact.*"])
        .map(|path| format!("\"{path}\" = \"a test\"\n"))
        .collect();
    let text = format!(
        "mapping = \"test/person\"\nversion = 1\nours = \"subject\"\nfollows = \"a test\"\n[document]\n\
         \"GioiTinh\" = \"gender | code population-gender\"\n[lost.forth]\n{lost}"
    );
    let plan =
        Plan::compile("test.toml", &text, &codes).unwrap_or_else(|mistakes| panic!("{}", told(mistakes)));
    let read = |theirs: &str| plan.read_as::<Subject>(theirs.as_bytes(), &context(&codes));
    let came = r#"{"GioiTinh":"0"}"#;
    let nothing = read(came).unwrap();
    assert_eq!(nothing.fact.gender, None);
    let mut bytes = Vec::new();
    plan.write_as(
        (&nothing.fact, Some(&nothing.extension)),
        &context(&codes),
        &mut bytes,
    )
    .unwrap();
    assert_eq!(bytes, came.as_bytes());
    assert_eq!(
        read(r#"{"GioiTinh":"2"}"#).unwrap().fact.gender,
        Some(Gender::Female)
    );
    assert!(
        read(r#"{"GioiTinh":"7"}"#).is_err(),
        "an unknown one is a fault still"
    );
}

#[test]
fn what_came_is_written_again_until_the_fact_changes() {
    let codes = codes();
    let (plan, mut dossier) = opencps(&codes);
    let came: Json = serde_json::from_str(OPENCPS).unwrap();
    let stored = serde_json::to_string(&dossier).unwrap();
    assert_eq!(
        serde_json::from_str::<Dossier>(&stored).unwrap(),
        dossier,
        "nothing is lost in the store"
    );
    assert_eq!(written(&plan, &dossier, &codes), came);

    dossier.facts.status = Status::Finished;
    dossier.facts.components[0].files.remove(0);
    let now = written(&plan, &dossier, &codes);
    assert_eq!(now["dossierStatus"], "releasing");
    assert_eq!(now["viaPostal"], "0", "another fact than the changed one");
    let files = now["dossierFiles"].as_array().unwrap();
    let of = |name: &str| files.iter().find(|file| file["displayName"] == name).unwrap();
    assert!(
        of("so-do.pdf").get("eForm").is_none(),
        "what was kept for one row is not written beside another"
    );
    assert_eq!(of("so-do.pdf")["dossierPartType"], 3);
    assert_eq!(of("khac.pdf")["dossierPartType"], 9);
}

#[test]
fn all_faults_are_told_with_pointers_and_no_values() {
    let codes = codes();
    let plan = plan("mappings/local/opencps/dossier.toml", &codes);
    let text = OPENCPS
        .replace("\"processing\"", "\"nonsense\"")
        .replace("waiting_1", "")
        .replace("null", "\"2024-01-15\"")
        .replace("\"dossierFileId\": 4", "\"dossierFileId\": \"4\"");
    let Err(Refused::Faults(faults)) = plan.read(text.as_bytes(), &context(&codes), Time::at(0)) else {
        panic!()
    };
    let told: Vec<(&str, &Wrong)> = faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), &fault.wrong))
        .collect();
    assert_eq!(
        told,
        [
            (
                "/receiveDate",
                &Wrong::Time {
                    form: "dd/MM/yyyy HH:mm:ss".to_owned()
                }
            ),
            ("/dossierStatus", &Wrong::code("opencps-status", "nonsense")),
            (
                "/dossierFiles/3/dossierFileId",
                &Wrong::Type { wanted: "a number" }
            ),
        ]
    );
    assert_eq!(
        (faults[1].wrong.owner(), faults[1].wrong.action()),
        (Owner::Gateway, "extend-code-list")
    );
    assert!(!format!("{faults:?}").contains("2024-01-15"));

    let text = OPENCPS.replace("\"1.001234.000.00.00.H99\"", "\"TS_MN.000.00.00.H22\"");
    let Err(Refused::Faults(faults)) = plan.read(text.as_bytes(), &context(&codes), Time::at(0)) else {
        panic!()
    };
    assert_eq!(
        (faults[0].pointer.as_str(), &faults[0].wrong),
        (
            "/serviceCode",
            &Wrong::code("opencps-procedure", "TS_MN.000.00.00.H22")
        ),
        "a local procedure with no national code"
    );
}

#[test]
fn steps_are_written_as_a_list_and_read_again() {
    let codes = codes();
    let plan = plan("mappings/portal/progress.toml", &codes);
    let steps = sample::dossier(7, 3).facts.steps;
    let number = Number::new("000.00.14.H99-240115-0001").unwrap();
    let mut bytes = Vec::new();
    plan.write_steps(&number, &steps, &context(&codes), &mut bytes)
        .unwrap();
    let read = plan.read_steps(&bytes, &context(&codes)).unwrap();
    assert!(!steps.is_empty() && read.iter().all(|progress| progress.number == number));
    assert_eq!(
        read.into_iter().map(|progress| progress.step).collect::<Vec<_>>(),
        steps
    );
}

#[test]
fn documents_in_texts_and_joined_lists_are_read_and_written() {
    let text = r#"
mapping = "local/x"
version = 1
ours    = "component"
follows = "a test"
[document]
"paths" = "files[].address | split '##'"
[document."meta | json"]
"ma" = "code"
"ten.day-du" = "name"
[document."blob | base64 | json"]
"so" = "copies"
[lost.forth]
"form" = "a test"
"kind" = "a test"
"digitised" = "a test"
"reuse" = "a test"
"from_store" = "a test"
"replaced_by" = "a test"
"files.id" = "a test"
"files.reference" = "a test"
"files.name" = "a test"
"files.digest" = "a test"
"files.size" = "a test"
"files.media" = "a test"
"files.removed" = "a test"
"#;
    let codes = codes();
    let plan = Plan::compile("x.toml", text, &codes).unwrap_or_else(|mistakes| panic!("{}", told(mistakes)));
    let came = r#"{"paths":"a##b","meta":"{\"ma\": \"TP01\",\"ten\":{\"day-du\":\"\\u0110ơn\",\"x\":1}}","blob":"eyJzbyI6Mn0="}"#;
    let mut read = plan
        .read_as::<Component>(came.as_bytes(), &context(&codes))
        .unwrap();
    let component = &mut read.fact;
    assert_eq!(
        (component.code.as_deref(), component.name.as_deref()),
        (Some("TP01"), Some("Đơn"))
    );
    assert_eq!((component.copies, component.files.len()), (Some(2), 2));
    let mut bytes = Vec::new();
    plan.write_as((component, Some(&read.extension)), &context(&codes), &mut bytes)
        .unwrap();
    assert_eq!(
        bytes,
        came.as_bytes(),
        "even the odd spacing of the inner document"
    );

    component.name = Some("Khác".to_owned());
    bytes.clear();
    plan.write_as((component, Some(&read.extension)), &context(&codes), &mut bytes)
        .unwrap();
    let now: Json = serde_json::from_slice(&bytes).unwrap();
    let inner: Json = serde_json::from_str(now["meta"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&inner["ten"]["day-du"], &inner["ten"]["x"]),
        (&Json::from("Khác"), &Json::from(1))
    );
}

#[test]
fn the_loss_report_names_what_is_not_carried() {
    let codes = codes();
    let loss = plan("mappings/portal/dossier.toml", &codes).loss();
    assert!(
        loss.forth
            .iter()
            .any(|(path, _)| path == "owner.address.province.code")
    );
    assert!(loss.less.iter().any(|line| line.theirs == "TrichYeuHoSo"));
    assert!(
        loss.to_string()
            .contains("owner.born: the portal's dossier has no birth date")
    );
}
