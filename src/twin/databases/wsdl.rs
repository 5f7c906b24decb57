//! Descriptions of the SOAP services, for clients that build themselves from one.

use super::reply::{Reply, XML};
use super::service::About;
use super::{citizen, token};
use quick_xml::escape::escape;

/// Operations of a service: root of the request, root of the answer.
fn operations(about: About) -> &'static [(&'static str, &'static str)] {
    match about {
        About::Exists => &[
            ("XacThucThongTinCongDan", "KetQuaXacThuc"),
            ("XacThucThongTinCongDanRequest", "KetQuaXacThucResponse"),
        ],
        About::Parents => &[("XacMinhThongTinNhanThan", "CongdanCollection")],
        About::Citizen => &[("TraCuuThongTinCongDan", "CongdanCollection")],
    }
}

/// What a query on the service's own address asks for, if it asks for a description.
pub(super) fn described(about: About, address: &str, query: &str) -> Option<Reply> {
    if query.eq_ignore_ascii_case("wsdl") {
        return Some(Reply::new(200, XML, wsdl(about, address)));
    }
    let schema = token::pairs(query).into_iter().find(|(name, _)| name == "xsd")?.1;
    match schema.as_str() {
        "request" => Some(Reply::new(200, XML, include_str!("request.xsd"))),
        "answer" => Some(Reply::new(200, XML, include_str!("answer.xsd"))),
        _ => None,
    }
}

fn wsdl(about: About, address: &str) -> String {
    let (mut messages, mut ports, mut bindings) = (String::new(), String::new(), String::new());
    for (root, answer) in operations(about) {
        messages.push_str(&format!(
            "<message name=\"{root}In\"><part name=\"body\" element=\"dan:{root}\"/></message><message name=\"{root}Out\"><part name=\"body\" element=\"res:{answer}\"/></message>"
        ));
        ports.push_str(&format!(
            "<operation name=\"{root}\"><input message=\"dan:{root}In\"/><output message=\"dan:{root}Out\"/></operation>"
        ));
        bindings.push_str(&format!(
            "<operation name=\"{root}\"><soap:operation soapAction=\"\"/><input><soap:body use=\"literal\"/></input><output><soap:body use=\"literal\"/></output></operation>"
        ));
    }
    let (request, answer) = (citizen::REQUEST, citizen::ANSWER);
    let address = escape(address);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:dan="{request}" xmlns:res="{answer}" name="DanCu" targetNamespace="{request}">
<types><xs:schema><xs:import namespace="{request}" schemaLocation="{address}?xsd=request"/><xs:import namespace="{answer}" schemaLocation="{address}?xsd=answer"/></xs:schema></types>
{messages}
<portType name="DanCuPort">{ports}</portType>
<binding name="DanCuBinding" type="dan:DanCuPort"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{bindings}</binding>
<service name="DanCu"><port name="DanCu" binding="dan:DanCuBinding"><soap:address location="{address}"/></port></service>
</definitions>
"#
    )
}
